"""Queries on API keys for their users and for the admins of their organizations; sessions and codes are not keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.queries import pagination
from storage.queries.members import is_current
from storage.queries.pagination import Position
from storage.tables import ApiKey, CredentialKind, Membership, User


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """A key and the name of its user."""

    key: ApiKey
    user_name: str


def of_user(user_id: str) -> ColumnElement[bool]:
    return col(ApiKey.user_id) == user_id


def of_members(organization_ids: Collection[str]) -> ColumnElement[bool]:
    """Match the keys of current members of these organizations."""
    is_member = is_current() & col(Membership.organization_id).in_(organization_ids)
    return col(ApiKey.user_id).in_(select(col(Membership.user_id)).where(is_member))


def is_valid(now: datetime) -> ColumnElement[bool]:
    return col(ApiKey.revoked_at).is_(None) & or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now)


async def page(
    session: AsyncSession, *conditions: ColumnElement[bool], limit: int, after: Position | None
) -> Sequence[OwnedKey]:
    """List a page of keys, newest first."""
    statement = select(ApiKey, col(User.name)).join(User, col(User.id) == col(ApiKey.user_id))
    listed = pagination.newest_first(statement.where(_is_key(), *conditions), ApiKey, after)
    return [OwnedKey(*row) for row in await session.execute(listed.limit(limit))]


async def count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(ApiKey).where(_is_key(), *conditions)) or 0


async def find_many(
    session: AsyncSession, key_ids: Collection[str], *conditions: ColumnElement[bool]
) -> dict[str, OwnedKey]:
    """Return those of the keys that match, by id."""
    is_named = col(ApiKey.id).in_(key_ids)
    found = await page(session, is_named, *conditions, limit=len(key_ids), after=None)
    return {owned.key.id: owned for owned in found}


async def find_expiry(session: AsyncSession, credential_id: str | None) -> datetime | None:
    """Return when a key expires, or the key that started a session; None for never or without a key."""
    started_by = select(col(ApiKey.started_by_key_id)).where(col(ApiKey.id) == credential_id).scalar_subquery()
    is_origin = col(ApiKey.id).in_([credential_id]) | (col(ApiKey.id) == started_by)
    return await session.scalar(select(col(ApiKey.expires_at)).where(_is_key(), is_origin))


def _is_key() -> ColumnElement[bool]:
    return col(ApiKey.kind) == CredentialKind.KEY
