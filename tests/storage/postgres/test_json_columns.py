"""The values of a column have the JSON that orjson writes, whatever they are."""

import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
import pytest
from sqlalchemy import literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, Boolean, DateTime, Float, Integer, Text, TypeEngine

from storage.postgres import compiled, json_columns
from storage.postgres.database import Database
from storage.postgres.json_columns import MOMENT, TYPES, JsonType

OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS

# separators of JSON and of the functions under test
PLAIN: Final = (", ", ",", "[", "]", "{", "}", "a", "b", "é", "🎷", "nul", "\x7f", "\x85", "\u2028", "\ufeff")
ESCAPED: Final = (
    '", ',
    '", "',
    '", null, "',
    '"',
    "\\",
    "\\n",
    "\n",
    "\r",
    "\t",
    "\b",
    "\f",
    "\v",
    "\x1c",
    "\x1f",
    "null",
)


class Row(NamedTuple):
    value: object


def random_text(chance: random.Random) -> str:
    # few, so that many lists have none
    text = "".join(chance.choices(PLAIN, k=chance.randrange(5)))
    return text if chance.random() < 0.98 else text + chance.choice(ESCAPED)


def random_float(chance: random.Random) -> float:
    return chance.choice((0.0, 1.0, 0.1 + 0.2, chance.uniform(-2, 2))) * 10.0 ** chance.randint(-320, 307)


def random_time(chance: random.Random) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10 ** chance.randrange(1, 18)))


MAKERS: Final[Mapping[type[TypeEngine[Any]], Callable[[random.Random], Any]]] = {
    Text: random_text,
    Boolean: lambda chance: chance.random() < 0.5,
    Integer: lambda chance: chance.randint(-(2**31), 2**31 - 1),
    BigInteger: lambda chance: chance.randint(-(2**63), 2**63 - 1),
    Float: random_float,
    DateTime: random_time,
    JSONB: lambda chance: [random_text(chance) for _ in range(chance.randrange(4))],
}


async def aggregate(database: Database, kind: JsonType, column: TypeEngine[Any], values: list[Any]) -> Any:  # noqa: ANN401
    """Return the aggregate of a column with these values."""
    rows = compiled.input_rows(value=column)
    statement = compiled.compile_statement(select(kind.aggregate(rows.c.value)).select_from(rows))
    is_json = isinstance(column, JSONB)
    sent = [orjson.dumps(value).decode() if is_json and value is not None else value for value in values]
    ((found,),) = await statement.fetch_for(database, [Row(value) for value in sent])
    return found


@pytest.mark.parametrize("kind", TYPES, ids=[kind.__name__ for kind in TYPES])
async def test_any_values_of_a_column_have_the_json_of_orjson(database: Database, kind: type[TypeEngine[Any]]) -> None:
    chance, written = random.Random(kind.__name__), TYPES[kind]  # noqa: S311  no secret
    column = DateTime(timezone=True) if kind is DateTime else kind()
    for size in range(1, 150):
        values = [MAKERS[kind](chance) for _ in range(size)]
        if size % 2:
            values = [None if chance.random() < 0.2 else value for value in values]
        found = await aggregate(database, written, column, values)
        assert written.write(found) == [orjson.dumps(value, option=OPTIONS).decode() for value in values]


@pytest.mark.parametrize("texts", [[", "], [", ", "b"], [", ", ", "], ["", ""], ["", ", ", ""], ["null"], ['", ', "b"]])
async def test_texts_that_look_like_separators_are_kept(database: Database, texts: list[str]) -> None:
    found = await aggregate(database, TYPES[Text], Text(), texts)
    assert TYPES[Text].write(found) == [orjson.dumps(text).decode() for text in texts]


@pytest.mark.parametrize("time", ["infinity", "-infinity", "12000-01-01", "0044-03-15 BC"])
async def test_times_that_python_does_not_have_are_refused(database: Database, time: str) -> None:
    value = literal_column(f"'{time}'::timestamptz", DateTime(timezone=True))
    statement = compiled.compile_statement(select(TYPES[DateTime].aggregate(value), MOMENT.aggregate(value)))
    ((found, _),) = await statement.fetch(database)
    with pytest.raises(ValueError, match=r"infinity|12000|0044"):
        TYPES[DateTime].write(found)


async def test_moments_have_their_seconds_and_microsecond(database: Database) -> None:
    chance = random.Random(1)  # noqa: S311  no secret
    times = [random_time(chance) for _ in range(1_000)]
    times += [datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC), datetime(1900, 1, 1, tzinfo=UTC)]
    found = await aggregate(database, MOMENT, DateTime(timezone=True), times)
    assert MOMENT.write(found) == [f"[{math.floor(time.timestamp())},{time.microsecond}]" for time in times]


async def test_members_of_an_enum_have_their_names(database: Database) -> None:
    kind = json_columns.enum_type({"creation": "CREATION", "focus": "FOCUS"})
    found = await aggregate(database, kind, Text(), ["focus", None, "creation", "focus"])
    assert kind.write(found) == ['"FOCUS"', "null", '"CREATION"', '"FOCUS"']
    assert kind.are_valid is not None
    assert kind.are_valid(found)
    assert not kind.are_valid(await aggregate(database, kind, Text(), ["focus", "other"]))


@pytest.mark.parametrize(
    ("column", "value", "is_valid"),
    [
        (Float, 1e300, True),
        (Float, 0.0, True),
        (Float, float("nan"), False),
        (Float, float("inf"), False),
        (Float, float("-inf"), False),
        (BigInteger, 2**31 - 1, True),
        (BigInteger, -(2**31), True),
        (BigInteger, 2**31, False),
        (BigInteger, -(2**31) - 1, False),
        (JSONB, [], True),
        (JSONB, ["a", "null"], True),
        (JSONB, ["a", None], False),
        (JSONB, [["a"]], False),
        (JSONB, {"a": "b"}, False),
        (JSONB, "a", False),
    ],
)
async def test_values_that_graphql_refuses_are_not_valid(
    database: Database,
    column: type[TypeEngine[Any]],
    value: object,
    is_valid: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    kind = TYPES[column]
    assert kind.are_valid is not None
    assert kind.are_valid(await aggregate(database, kind, column(), [value, value])) is is_valid
    assert kind.are_valid(await aggregate(database, kind, column(), [None, None])) is (column is not JSONB)
