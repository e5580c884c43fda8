"""Inserts that an idempotency key makes safe to repeat."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from storage.queries.owned import is_owned_in
from storage.tables import FocusSession, Generation, metadata

Row = TypeVar("Row", FocusSession, Generation)


async def insert_new(session: AsyncSession, row: FocusSession | Generation) -> bool:
    """Insert a row; return False if its owner has used the idempotency key before."""
    return await session.scalar(_insert(str(row.__tablename__)), row.model_dump()) is not None


async def find_earlier(session: AsyncSession, row: Row) -> Row | None:
    """Find the row that the same owner inserted with the same idempotency key."""
    if row.idempotency_key is None:
        return None
    table = type(row)
    is_same_key = col(table.idempotency_key) == row.idempotency_key
    return await session.scalar(select(table).where(is_owned_in(table, row.organization_id, row.user_id), is_same_key))


@cache
def _insert(table_name: str) -> ReturningInsert[Any]:
    """Build the statement once: SQLAlchemy takes longer to build it than to run it."""
    table = metadata.tables[table_name]
    statement = insert(table).on_conflict_do_nothing(index_elements=["organization_id", "user_id", "idempotency_key"])
    return statement.returning(table.c.id)
