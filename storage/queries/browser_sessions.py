"""Queries on the browser sessions of a user that have not ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.postgres import notifications
from storage.queries import pagination
from storage.queries.pagination import Position
from storage.tables import ApiKey, CredentialKind


async def page(
    session: AsyncSession, user_id: str, now: datetime, *, limit: int, after: Position | None
) -> Sequence[ApiKey]:
    """List a page of the sessions, newest first."""
    statement = pagination.newest_first(select(ApiKey).where(_is_valid(user_id, now)), ApiKey, after)
    return (await session.scalars(statement.limit(limit))).all()


async def count(session: AsyncSession, user_id: str, now: datetime) -> int:
    """Count the sessions of all pages."""
    return await session.scalar(select(func.count()).select_from(ApiKey).where(_is_valid(user_id, now))) or 0


async def end(session: AsyncSession, user_id: str, now: datetime, *conditions: ColumnElement[bool]) -> int:
    """End those of the sessions that meet the conditions, and their connections; return how many."""
    is_ended = and_(_is_valid(user_id, now), *conditions)
    statement = update(ApiKey).where(is_ended).values(revoked_at=now).returning(col(ApiKey.id))
    ended = (await session.scalars(statement)).all()
    if ended:
        await notifications.notify(session, notifications.CREDENTIALS_CHANNEL)
    return len(ended)


def _is_valid(user_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        col(ApiKey.user_id) == user_id,
        col(ApiKey.kind) == CredentialKind.SESSION,
        col(ApiKey.revoked_at).is_(None),
        col(ApiKey.expires_at) > now,
    )
