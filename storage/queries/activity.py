"""Queries on what a user has under way in an organization."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs import Status
from storage.tables import Generation


async def list_unfinished(
    session: AsyncSession, organization_id: str, user_id: str, limit: int
) -> Sequence[Generation]:
    """The user's jobs that have not ended, newest first; those of segments are shown by their sessions."""
    statement = (
        select(Generation)
        .where(
            col(Generation.organization_id) == organization_id,
            col(Generation.user_id) == user_id,
            col(Generation.status).in_([Status.QUEUED, Status.RUNNING]),
            col(Generation.session_id).is_(None),
        )
        .order_by(col(Generation.created_at).desc(), col(Generation.id).desc())
        .limit(limit)
    )
    return (await session.scalars(statement)).all()
