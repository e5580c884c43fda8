"""Rows of a user: conditions that match them, and the queries that all their tables have in common."""

import typing
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Text, bindparam, cast, column, func, literal_column, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from storage.queries import pagination
from storage.queries.pagination import Position
from storage.tables import Collection as TrackCollection
from storage.tables import Export, FocusSession, Generation, ReferenceAudio, ShareLink, metadata
from storage.tables.columns import OwnedRow, is_any_of

Row = TypeVar("Row", TrackCollection, Export, FocusSession, Generation, ReferenceAudio, ShareLink)
KeyedRow = TypeVar("KeyedRow", FocusSession, Generation)


def is_owned(
    table: type[OwnedRow], user_id: str | ColumnElement[str], organization_ids: Collection[str] | ColumnElement[Any]
) -> ColumnElement[bool]:
    """Match the rows of a user in any of these organizations; the arguments may be parameters."""
    return (col(table.user_id) == user_id) & is_any_of(col(table.organization_id), organization_ids)


def is_owned_in(table: type[OwnedRow], organization_id: str, user_id: str) -> ColumnElement[bool]:
    """Match the rows of a user in one organization, in a form for which an index on the owner also gives the order."""
    return (col(table.organization_id) == organization_id) & (col(table.user_id) == user_id)


async def page(
    session: AsyncSession,
    table: type[Row],
    organization_id: str,
    user_id: str,
    *conditions: ColumnElement[bool],
    limit: int,
    offset: int = 0,
    after: Position | None = None,
) -> Sequence[Row]:
    """List a page of a user's rows in an organization, newest first, without deleted ones."""
    statement = select(table).where(is_owned_in(table, organization_id, user_id), _is_present(table), *conditions)
    statement = pagination.newest_first(statement, table, after)
    return (await session.scalars(statement.limit(limit).offset(offset))).all()


async def count(
    session: AsyncSession, table: type[OwnedRow], organization_id: str, user_id: str, *conditions: ColumnElement[bool]
) -> int:
    """Count the rows of all pages."""
    is_listed = is_owned_in(table, organization_id, user_id) & _is_present(table)
    return await session.scalar(select(func.count()).where(is_listed, *conditions)) or 0


async def find_many(
    session: AsyncSession, table: type[Row], row_ids: Collection[str], user_id: str, organization_ids: Collection[str]
) -> Sequence[Row]:
    """Find those of the rows that the user owns in these organizations, without deleted ones."""
    is_found = is_owned(table, user_id, organization_ids) & _is_present(table)
    return (await session.scalars(select(table).where(col(table.id).in_(row_ids), is_found))).all()


async def lock(
    session: AsyncSession,
    table: type[Row],
    row_id: str,
    user_id: str,
    organization_ids: Collection[str],
    *conditions: ColumnElement[bool],
    key_share: bool = False,
) -> Row | None:
    """Lock a row that the user owns in one of these organizations and that is not deleted."""
    is_found = is_owned(table, user_id, organization_ids) & _is_present(table)
    statement = select(table).where(col(table.id) == row_id, is_found, *conditions)
    return await session.scalar(statement.with_for_update(key_share=key_share))


async def insert_new(session: AsyncSession, rows: Sequence[FocusSession] | Sequence[Generation]) -> Collection[str]:
    """Insert rows of one table without those whose owner has used the idempotency key before; return the ids."""
    table = str(_table(rows).__tablename__)
    names = metadata.tables[table].columns.keys()
    # decimal numbers as strings
    values = orjson.dumps([{name: getattr(row, name) for name in names} for row in rows], default=str)
    return set(await session.scalars(_insert_new(table), {"rows": values.decode()}))


async def find_earlier(session: AsyncSession, rows: Sequence[KeyedRow]) -> dict[str, KeyedRow]:
    """Find the rows that the same owners inserted with the same idempotency keys, by the ids of the given rows."""
    ids_by_key = {_key(row): row.id for row in rows if row.idempotency_key is not None}
    if not ids_by_key:
        return {}
    table = typing.cast("type[KeyedRow]", _table(rows))
    key = tuple_(col(table.organization_id), col(table.user_id), col(table.idempotency_key))
    found = await session.scalars(select(table).where(key.in_(list(ids_by_key))))
    return {ids_by_key[_key(row)]: row for row in found}


def _key(row: FocusSession | Generation) -> tuple[str, str, str | None]:
    return row.organization_id, row.user_id, row.idempotency_key


def _table(rows: Sequence[FocusSession] | Sequence[Generation]) -> type[FocusSession | Generation]:
    """Return the table of rows, which may be tuples with its attributes (see storage.postgres.compiled)."""
    return FocusSession if isinstance(rows[0], FocusSession) else Generation


@cache
def _insert_new(table_name: str) -> ReturningInsert[Any]:
    """Build the statement once: SQLAlchemy takes longer to build it than to run it.

    All rows are one parameter, so that any number of them has the same text, which asyncpg prepares once.
    """
    table = metadata.tables[table_name]
    template: ColumnElement[Any] = literal_column(f"NULL::{table_name}")
    columns = [column(each.name, each.type) for each in table.columns]
    records = func.jsonb_populate_recordset(template, cast(bindparam("rows", type_=Text), JSONB))
    given = records.table_valued(*columns, name="given")
    statement = insert(table).from_select(list(table.columns.keys()), select(given), include_defaults=False)
    unique = ["organization_id", "user_id", "idempotency_key"]
    return statement.on_conflict_do_nothing(index_elements=unique).returning(table.c.id)


def _is_present(table: type[OwnedRow]) -> ColumnElement[bool]:
    return col(table.deleted_at).is_(None) if hasattr(table, "deleted_at") else true()
