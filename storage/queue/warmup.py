"""Claims, rehearsed where they take nothing: what SQLAlchemy makes of them is there for all who are forked later."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from storage.postgres.database import Database
from storage.queries import conversions
from storage.queue import dispatch

_TABLES: Final = ("generations", "conversions", "turns")


async def warm_up_claims(database: Database) -> None:
    """Claim from empty tables that hide the true ones from this transaction; no connection is kept. Raises Unavailable.

    A worker's child would do for the first time, and alone, what takes SQLAlchemy longest: a sixth of its way to a job.
    """
    async with database.transaction() as session:
        for name in _TABLES:
            await session.execute(text(f"CREATE TEMPORARY TABLE {name} (LIKE {name} INCLUDING ALL) ON COMMIT DROP"))
        await conversions.claim(session, timedelta(seconds=1))
        await dispatch.claim(session, timedelta(seconds=1))
    await database.engine.dispose()
