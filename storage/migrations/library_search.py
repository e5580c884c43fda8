"""Fill the search vectors of library entries that have none: those of an earlier version."""

import logging
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.postgres import fulltext
from storage.postgres.database import Database

log = logging.getLogger(__name__)

_BATCH: Final = 500

_MISSING: Final = text(
    "SELECT id, about, tags FROM library_entries WHERE search IS NULL ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED"
).columns(tags=JSONB)
_UPDATE: Final = text("UPDATE library_entries SET search = CAST(:vector AS tsvector) WHERE id = :id").bindparams(
    bindparam("vector"), bindparam("id")
)


async def index_entries(database: Database) -> None:
    """Index all entries without a search vector.

    Each batch is a transaction of its own: an interrupted run continues where it stopped, and several may run at once.
    """
    total = 0
    while count := await _index_batch(database):
        total += count
    if total:
        log.info("library entries were indexed for search", extra={"entries": total})


async def _index_batch(database: Database) -> int:
    async with database.engine.begin() as connection:
        rows = (await connection.execute(_MISSING, {"limit": _BATCH})).all()
        vectors = [{"id": row.id, "vector": fulltext.build_vector([row.about, *row.tags])} for row in rows]
        if vectors:
            await connection.execute(_UPDATE, vectors)
    return len(rows)
