"""Columns of several rows as JSON: Postgres returns the values of a column in one list, not each row as an object.

That takes Postgres 40 % less time. The JSON of each value has the bytes that orjson writes in responses from rows.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, cast, func, type_coerce
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import BigInteger, Boolean, DateTime, Float, Integer, Text, TypeEngine

Expression = ColumnElement[Any]

_INT: Final = range(-(2**31), 2**31)


class JsonType(NamedTuple):
    """How the values of a column are read and written, of one row or more."""

    aggregate: Callable[[Expression], Expression]
    """Return the SQL expression of the list of the values."""
    write: Callable[[Any], list[str]]
    """Return the JSON of each value from the list that Postgres returns."""
    are_valid: Callable[[Any], bool] | None = None
    """Return whether a GraphQL response may have the values of that list, if not all: it has an error for others."""


def enum_type(names: Mapping[str, str]) -> JsonType:
    """Return the type of an enum whose members are written as names, which are identifiers, by stored value."""
    written: dict[str | None, str] = {stored: f'"{name}"' for stored, name in names.items()}
    written[None] = "null"

    def write(found: str) -> list[str]:
        return [written[value] for value in orjson.loads(found)]

    return JsonType(_aggregate_text, write, lambda found: written.keys() >= set(orjson.loads(found)))


def _aggregate_text(value: Expression) -> Expression:
    return func.json_agg(type_coerce(value, Text))


def _aggregate_time(value: Expression) -> Expression:
    # JSON has times in ISO format
    return func.json_agg(func.timezone(literal("'UTC'"), value))


def _aggregate_moment(value: Expression) -> Expression:
    # the float of date_part, that of datetime.timestamp, costs less than the numeric of EXTRACT
    seconds = cast(func.trunc(func.date_part(literal("'epoch'"), value)), BigInteger)
    microsecond = func.mod(cast(func.date_part(literal("'microseconds'"), value), BigInteger), literal("1000000"))
    moment = literal("'['", Text) + cast(seconds, Text) + literal("','", Text) + cast(microsecond, Text)
    return func.string_agg(moment + literal("']'", Text), literal("E'\\n'"))


def _write_plain(found: str) -> list[str]:
    """Return the values of a JSON list, none of which has a comma."""
    return found[1:-1].split(", ")


def _write_texts(found: str) -> list[str]:
    if "\\" not in found and "null" not in found:
        # without escapes, no text has a quote or the end of a line
        return found[1:-1].replace('", "', '"\n"').split("\n")
    # with indentation, lines end between the texts only
    lines = orjson.dumps(orjson.loads(found), option=orjson.OPT_INDENT_2).decode()
    return lines[4:-2].split(",\n  ")


def _write_floats(found: list[float | None]) -> list[str]:
    return orjson.dumps(found).decode()[1:-1].split(",")


def _write_times(found: str) -> list[str]:
    """Write times in whole seconds, as ``core.clock.iso``."""
    return ["null" if value == "null" else f'{value[:20]}Z"' for value in _write_plain(found)]


def _write_lists(found: str) -> list[str]:
    return [orjson.dumps(value).decode() for value in orjson.loads(found)]


def _fit_in_32_bits(found: str) -> bool:
    return all(value is None or value in _INT for value in orjson.loads(found))


def _are_finite(found: list[float | None]) -> bool:
    # a sum that is too large counts as infinite, too: GraphQL reads so unusual values from rows
    return math.isfinite(sum(filter(None, found)))


def _are_lists_of_texts(found: str) -> bool:
    lists = [value for value in orjson.loads(found) if value is not None]
    return all(isinstance(value, list) and all(isinstance(item, str) for item in value) for value in lists)


TYPES: Final[Mapping[type[TypeEngine[Any]], JsonType]] = {
    Text: JsonType(_aggregate_text, _write_texts),
    Boolean: JsonType(func.json_agg, _write_plain),
    Integer: JsonType(func.json_agg, _write_plain),
    BigInteger: JsonType(func.json_agg, _write_plain, _fit_in_32_bits),
    # not as JSON, which orjson writes with a decimal point for whole numbers, and with other exponents
    Float: JsonType(func.array_agg, _write_floats, _are_finite),
    DateTime: JsonType(_aggregate_time, _write_times),
    JSONB: JsonType(func.json_agg, _write_lists, _are_lists_of_texts),
}
"""JSON types by column type. A JSON column has lists of texts."""

MOMENT: Final = JsonType(_aggregate_moment, str.splitlines)
"""Times that are not NULL as lists of their whole seconds since 1970 and their microsecond."""

COLUMN_TYPES: Final[Mapping[type | None, tuple[type[TypeEngine[Any]], ...]]] = {
    str: (Text,),
    bool: (Boolean,),
    int: (Integer, BigInteger),
    float: (Float,),
    datetime: (DateTime,),
    list: (JSONB,),
}
"""The column types in ``TYPES`` by the type of their values."""
