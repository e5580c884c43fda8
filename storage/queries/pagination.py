"""Order, keyset pages and counts that lists have in common."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import Collection as TrackCollection
from storage.tables import Export, FocusSession, Generation, ShareLink, Track, Webhook, WebhookDelivery

Selected = TypeVar("Selected")
Listed = type[Export | FocusSession | Generation | ShareLink | Track | TrackCollection | Webhook | WebhookDelivery]

Position = tuple[datetime, str]
"""The ``created_at`` and ``id`` of the row before a page."""


def newest_first(statement: Select[Selected], table: Listed, after: Position | None) -> Select[Selected]:
    """Sort rows by creation time and id, newest first, and start after a position if one is given."""
    if after is not None:
        statement = statement.where(is_after(table, after))
    return statement.order_by(*newest(table))


def newest(table: Listed) -> list[ColumnElement[Any]]:
    """Return the order of ``newest_first``."""
    return [col(table.created_at).desc(), col(table.id).desc()]


def is_after(table: Listed, position: Position) -> ColumnElement[bool]:
    """Match the rows that follow a position in the order of ``newest_first``."""
    return tuple_(col(table.created_at), col(table.id)) < tuple_(*position)


async def count_by(
    session: AsyncSession, key: SQLColumnExpression[Any], values: Collection[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    """Count the rows for each of these values of a key; 0 for a value without rows."""
    statement = select(key, func.count()).where(key.in_(values), *conditions).group_by(key)
    counts = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    return {value: counts.get(value, 0) for value in values}
