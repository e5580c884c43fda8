"""Queued generations, written straight into the table."""

from decimal import Decimal

from core import ids
from core.jobs import Mode
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.users import Person


def build_queued(person: Person, prompt: str, session_id: str | None = None) -> Generation:
    """Build a queued job, of a focus session if one is named."""
    return Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=person.organization_id,
        user_id=person.user_id,
        engine="studio",
        prompt=prompt,
        duration_seconds=2,
        seed=1,
        fingerprint="",
        cost_chf=Decimal(0),
        mode=Mode.FOCUS if session_id else Mode.CREATION,
        session_id=session_id,
        segment_index=0 if session_id else None,
        segment={} if session_id else None,
    )


async def put_queued(database: Database, person: Person, prompt: str, session_id: str | None = None) -> str:
    """Insert a queued job and return its id."""
    row = build_queued(person, prompt, session_id)
    async with database.transaction() as session:
        session.add(row)
    return row.id
