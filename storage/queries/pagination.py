"""Order, keyset pages and counts that lists have in common."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

Position = tuple[datetime, str]
"""The ``created_at`` and ``id`` of the row before a page."""


class Listed(Protocol):
    """A row with an id and a creation time."""

    id: str
    created_at: datetime


Row = TypeVar("Row", bound=Listed)
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


def oldest_first(statement: Statement, table: type[Listed], after: Position | None = None) -> Statement:
    """Sort rows by creation time and id, and start after a position if one is given."""
    keys = (col(table.created_at), col(table.id))
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after))
    return statement.order_by(*keys)


def newest_first(statement: Statement, table: type[Listed], after: Position | None) -> Statement:
    """Sort rows in the reverse order of ``oldest_first``, and start after a position if one is given."""
    if after is not None:
        statement = statement.where(_is_older(table, after))
    return statement.order_by(*_newest(table))


async def newest_of_each(
    session: AsyncSession,
    table: type[Row],
    owner: SQLColumnExpression[Any],
    owner_ids: Collection[str],
    *conditions: ColumnElement[bool],
    limit: int,
    after: Position | None,
) -> dict[str, Sequence[Row]]:
    """Return at most ``limit`` rows for each of these values of ``owner``, in the order of ``newest_first``."""
    rank = func.row_number().over(partition_by=owner, order_by=_newest(table))
    ranked = select(col(table.id), owner.label("owner"), rank.label("rank")).where(owner.in_(owner_ids), *conditions)
    if after is not None:
        ranked = ranked.where(_is_older(table, after))
    page = ranked.subquery()
    statement = select(page.c.owner, table).join(page, col(table.id) == page.c.id).where(page.c.rank <= limit)
    rows: dict[str, list[Row]] = {owner_id: [] for owner_id in owner_ids}
    for owner_id, row in (await session.execute(statement.order_by(page.c.rank))).all():
        rows[owner_id].append(row)
    return dict(rows)


async def count_by(
    session: AsyncSession, key: SQLColumnExpression[Any], values: Collection[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    """Count the rows for each of these values of a key; 0 for a value without rows."""
    if not values:
        return {}
    statement = select(key, func.count()).where(key.in_(values), *conditions).group_by(key)
    counts = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    return {value: counts.get(value, 0) for value in values}


def _newest(table: type[Listed]) -> list[ColumnElement[Any]]:
    return [col(table.created_at).desc(), col(table.id).desc()]


def _is_older(table: type[Listed], position: Position) -> ColumnElement[bool]:
    return tuple_(col(table.created_at), col(table.id)) < tuple_(*position)
