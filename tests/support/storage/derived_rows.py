"""Rows that triggers keep, beside what they are derived from."""

from typing import Any

from sqlalchemy import text

from storage.postgres.database import Database


async def load_equal(database: Database, stored: str, computed: str) -> list[tuple[Any, ...]]:
    """Return the rows of the query ``stored``, which must be those of ``computed``."""
    async with database.transaction() as session:
        rows = [tuple(row) for row in await session.execute(text(stored))]
        assert rows == [tuple(row) for row in await session.execute(text(computed))]
    return rows
