"""Rows without a session."""

from decimal import Decimal
from typing import Any

import pytest

from core import clock
from core.jobs import Mode, Status
from storage.postgres.compiled import RowType
from storage.postgres.database import Database
from storage.queries import by_id, owned
from storage.tables import Generation
from tests.support.users import Cast, Person

ROWS = RowType(Generation)


def values(person: Person) -> dict[str, Any]:
    return {
        "id": "mgen_0123456789abcdef01234567",
        "organization_id": person.organization_id,
        "user_id": person.user_id,
        "engine": "studio",
        "prompt": 'a "quiet" piano \u2603',
        "duration_seconds": 60,
        "style_tags": ["lofi", "caf\u00e9"],
        "seed": 2**40,
        "fingerprint": "f",
        "cost_chf": Decimal("0.2500"),
    }


def attributes(row: Generation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Generation.model_fields}


def test_a_created_row_equals_one_of_the_orm(cast: Cast) -> None:
    given = values(cast.ada) | {"created_at": clock.now(), "controls": {"tempo_bpm": 82}, "status": Status.REFUSED}
    row = ROWS.create(**given)
    assert attributes(row) == attributes(Generation(**given))
    assert (row.status, row.mode, row.style_tags) == (Status.REFUSED, Mode.CREATION, ["lofi", "caf\u00e9"])
    with pytest.raises(AttributeError):
        row.status = Status.QUEUED


def test_attributes_must_be_complete_and_known(cast: Cast) -> None:
    given = values(cast.ada)
    del given["seed"]
    with pytest.raises(TypeError, match="unknown or missing: colour, seed"):
        ROWS.create(**given, colour="red")


def test_the_default_time_is_the_current_one(cast: Cast) -> None:
    before = clock.now()
    assert before <= ROWS.create(**values(cast.ada)).created_at <= clock.now()


def test_a_replaced_row_differs_in_the_changes_only(cast: Cast) -> None:
    row = ROWS.create(**values(cast.ada), controls={"tempo_bpm": 82}, idempotency_key="once")
    for original in (row, Generation(**attributes(row))):
        changed = ROWS.replace(original, source={"task": "cover"}, idempotency_key=None)
        assert attributes(changed) == attributes(row) | {"source": {"task": "cover"}, "idempotency_key": None}


async def test_created_rows_are_stored_as_those_of_the_orm(database: Database, cast: Cast) -> None:
    row = ROWS.create(**values(cast.ada), controls={"tempo_bpm": 82}, trace_parent=None)
    other = Generation(**attributes(row) | {"id": "mgen_000000000000000000000000"})
    async with database.transaction() as session:
        assert await owned.insert_new(session, [row, other]) == {row.id, other.id}
    scope = [cast.ada.organization_id]
    stored = await by_id.load_generations(database, [row.id, other.id], cast.ada.user_id, scope)
    found = {each.id: attributes(each) for each in stored}
    assert found[row.id] == attributes(row)
    assert found[other.id] == attributes(row) | {"id": other.id}
