"""Queries on members of organizations, and on what ends with a membership: keys, share links, unfinished jobs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.focus import EndReason, SessionStatus
from core.jobs import Status
from storage.queries.owned import is_owned
from storage.queries.pagination import Position
from storage.tables import ApiKey, FocusSession, Generation, Membership, Role, ShareLink, User


@dataclass(frozen=True, slots=True)
class Member:
    """A user and its role in an organization."""

    user: User
    membership: Membership


async def page(session: AsyncSession, organization_id: str, *, limit: int, after: Position | None) -> Sequence[Member]:
    """List a page of an organization's members, newest first; the id of a position is the user's."""
    keys = (col(Membership.created_at), col(Membership.user_id))
    statement = (
        select(User, Membership)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(is_current(), col(Membership.organization_id) == organization_id)
    )
    if after is not None:
        statement = statement.where(tuple_(*keys) < tuple_(*after))
    rows = await session.execute(statement.order_by(*(key.desc() for key in keys)).limit(limit))
    return [Member(user, membership) for user, membership in rows]


async def count(session: AsyncSession, organization_id: str) -> int:
    is_listed = is_current() & (col(Membership.organization_id) == organization_id)
    return await session.scalar(select(func.count()).select_from(Membership).where(is_listed)) or 0


async def list_all(session: AsyncSession, organization_id: str | None) -> list[tuple[User, Membership | None]]:
    """List all users, or those of an organization, oldest first, once for each of their organizations."""
    statement = select(User, Membership).outerjoin(Membership, (col(Membership.user_id) == col(User.id)) & is_current())
    if organization_id is not None:
        statement = statement.where(col(Membership.organization_id) == organization_id)
    ordered = statement.order_by(col(User.created_at), col(User.id), col(Membership.organization_id))
    return [(user, membership) for user, membership in await session.execute(ordered)]


async def lock_user(
    session: AsyncSession, user_id: str, organization_ids: Collection[str] | None = None
) -> User | None:
    """Lock a user, or only one that is or was a member of one of these organizations.

    The lock serialises changes of a user's memberships and keys.
    """
    statement = select(User).where(col(User.id) == user_id)
    if organization_ids is not None:
        known = select(Membership).where(
            col(Membership.user_id) == user_id, col(Membership.organization_id).in_(organization_ids)
        )
        statement = statement.where(known.exists())
    return await session.scalar(statement.with_for_update(key_share=True))


async def has_other_admin(session: AsyncSession, organization_id: str, user_id: str) -> bool:
    """Return whether an organization has an admin besides this user. Locks the memberships of its admins."""
    statement = (
        select(Membership)
        .join(User, col(User.id) == col(Membership.user_id))
        .where(is_current(), col(Membership.organization_id) == organization_id, col(Membership.role) == Role.ADMIN)
        .where(col(User.disabled_at).is_(None))
        .order_by(col(Membership.user_id))
        .with_for_update(of=Membership)
    )
    return any(row.user_id != user_id for row in (await session.scalars(statement)).all())


async def list_memberships(session: AsyncSession, user_id: str) -> Sequence[Membership]:
    """List the current memberships of a user."""
    return (await session.scalars(select(Membership).where(is_current(), col(Membership.user_id) == user_id))).all()


async def revoke_keys(session: AsyncSession, user_id: str, now: datetime) -> None:
    is_valid = (col(ApiKey.user_id) == user_id) & col(ApiKey.revoked_at).is_(None)
    await session.execute(update(ApiKey).where(is_valid).values(revoked_at=now))


async def revoke_share_links(
    session: AsyncSession, user_id: str, organization_ids: Collection[str], now: datetime
) -> None:
    is_valid = is_owned(ShareLink, user_id, organization_ids) & col(ShareLink.revoked_at).is_(None)
    await session.execute(update(ShareLink).where(is_valid).values(revoked_at=now))


async def end_focus_sessions(
    session: AsyncSession, user_id: str, organization_ids: Collection[str], now: datetime
) -> None:
    """End a user's sessions, so that they schedule no more segments."""
    is_active = is_owned(FocusSession, user_id, organization_ids) & (col(FocusSession.status) == SessionStatus.ACTIVE)
    await session.execute(
        update(FocusSession)
        .where(is_active)
        .values(
            status=SessionStatus.ENDED,
            end_reason=EndReason.LISTENER,
            ended_at=now,
            sequence=FocusSession.sequence + 1,
        )
    )


async def list_unfinished_job_ids(
    session: AsyncSession, user_id: str, organization_ids: Collection[str]
) -> Sequence[str]:
    is_unfinished = col(Generation.status).in_((Status.QUEUED, Status.RUNNING))
    statement = select(col(Generation.id)).where(is_owned(Generation, user_id, organization_ids), is_unfinished)
    # in the order of daily_spends, whose rows are locked in the order in which jobs ended
    order = (col(Generation.organization_id), col(Generation.created_at), col(Generation.id))
    return (await session.scalars(statement.order_by(*order))).all()


def is_current() -> ColumnElement[bool]:
    """Match memberships that have not ended."""
    return col(Membership.ended_at).is_(None)
