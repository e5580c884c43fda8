"""Queries on share links and on who opened them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import Outcome, ShareAccess, ShareLink


async def open_link(session: AsyncSession, digest: bytes, now: datetime) -> ShareLink | None:
    """The link with this token, unless it is revoked or over."""
    statement = select(ShareLink).where(
        col(ShareLink.token_digest) == digest,
        col(ShareLink.revoked_at).is_(None),
        or_(col(ShareLink.expires_at).is_(None), col(ShareLink.expires_at) > now),
    )
    return await session.scalar(statement)


async def owned(
    session: AsyncSession, share_id: str, user_id: str, organization_ids: Collection[str]
) -> ShareLink | None:
    """The link if this user made it, locked."""
    statement = select(ShareLink).where(
        col(ShareLink.id) == share_id,
        col(ShareLink.user_id) == user_id,
        col(ShareLink.organization_id).in_(organization_ids),
    )
    return await session.scalar(statement.with_for_update())


def audit(
    session: AsyncSession, now: datetime, client_ip: str, digest: bytes, outcome: Outcome, link: ShareLink | None
) -> None:
    """Write down an attempt."""
    session.add(
        ShareAccess(
            resolved_at=now,
            client_ip=client_ip,
            token_digest=digest,
            outcome=outcome,
            share_link_id=link.id if link else None,
        )
    )
