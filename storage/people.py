"""Queries on organizations, users, memberships and API keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage import notices
from storage.tables import ApiKey, Membership, Organization, User


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A key and where its user belongs."""

    key: ApiKey
    memberships: Sequence[Membership]


async def key_holder(session: AsyncSession, digest: bytes) -> KeyHolder | None:
    """Who holds the key with this SHA-256, in one round trip."""
    statement = (
        select(ApiKey, Membership)
        .outerjoin(Membership, col(Membership.user_id) == col(ApiKey.user_id))
        .where(col(ApiKey.digest) == digest)
        .order_by(col(Membership.created_at), col(Membership.organization_id))
    )
    rows = (await session.execute(statement)).all()
    if not rows:
        return None
    memberships: list[Membership | None] = [row[1] for row in rows]  # outer join: one None for a user who has none
    return KeyHolder(rows[0][0], [membership for membership in memberships if membership is not None])


async def touch_key(session: AsyncSession, key_id: str, now: datetime, every: timedelta) -> None:
    """Write down that a key was used, unless that was done a moment ago."""
    last = col(ApiKey.last_used_at)
    await session.execute(
        update(ApiKey).where(col(ApiKey.id) == key_id, or_(last.is_(None), last < now - every)).values(last_used_at=now)
    )


async def keys(session: AsyncSession, user_id: str | None = None) -> Sequence[ApiKey]:
    """All keys, or a user's, oldest first."""
    statement = select(ApiKey).order_by(col(ApiKey.created_at), col(ApiKey.id))
    if user_id is not None:
        statement = statement.where(col(ApiKey.user_id) == user_id)
    return (await session.scalars(statement)).all()


async def revoke_key(session: AsyncSession, key_id: str, now: datetime) -> ApiKey | None:
    """Revoke a key and tell all servers; a revoked one keeps its first time. None when there is no such key."""
    key = await session.get(ApiKey, key_id, with_for_update=True)
    if key is not None and key.revoked_at is None:
        key.revoked_at = now
        await session.flush()
        await notices.tell(session, notices.CREDENTIALS)
    return key


async def ensure_user(session: AsyncSession, user_id: str, name: str) -> None:
    """Make a user known that an identity provider vouches for."""
    if await session.get(User, user_id) is None:
        await session.execute(insert(User).values(id=user_id, name=name).on_conflict_do_nothing())


async def organizations(session: AsyncSession, organization_ids: Collection[str]) -> Sequence[Organization]:
    """Those of the organizations that exist, oldest first."""
    statement = (
        select(Organization)
        .where(col(Organization.id).in_(organization_ids))
        .order_by(col(Organization.created_at), col(Organization.id))
    )
    return (await session.scalars(statement)).all()


async def memberships(session: AsyncSession, user_id: str) -> Sequence[str]:
    """The ids of the organizations that a user belongs to, oldest membership first."""
    statement = select(col(Membership.organization_id)).where(col(Membership.user_id) == user_id)
    return (await session.scalars(statement.order_by(col(Membership.created_at)))).all()


async def all_organizations(session: AsyncSession) -> Sequence[Organization]:
    """Every organization, oldest first."""
    statement = select(Organization).order_by(col(Organization.created_at), col(Organization.id))
    return (await session.scalars(statement)).all()


async def any_organization(session: AsyncSession) -> bool:
    """Whether this installation has begun."""
    return await session.scalar(select(col(Organization.id)).limit(1)) is not None


async def users(session: AsyncSession, limit: int) -> Sequence[User]:
    """The oldest users."""
    return (await session.scalars(select(User).order_by(col(User.created_at), col(User.id)).limit(limit))).all()
