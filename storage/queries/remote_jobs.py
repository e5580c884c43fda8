"""Queries on the jobs of remote engines. Rows change only together with a claimed generation."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import RemoteJob


async def find(session: AsyncSession, generation_id: str) -> RemoteJob | None:
    """Find the job of a generation at a peer."""
    return await session.get(RemoteJob, generation_id)


async def save(session: AsyncSession, row: RemoteJob, values: Mapping[str, Any]) -> None:
    """Change columns of a job, or insert it with these values."""
    statement = insert(RemoteJob).values({**row.model_dump(), **values})
    await session.execute(statement.on_conflict_do_update(index_elements=["generation_id"], set_=dict(values)))


async def remove(session: AsyncSession, generation_id: str) -> None:
    """Remove the job of a generation that has ended, if it has one."""
    await session.execute(delete(RemoteJob).where(col(RemoteJob.generation_id) == generation_id))
