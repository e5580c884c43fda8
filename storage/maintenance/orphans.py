"""Which blobs somebody still names, and how deleted tracks let go of theirs."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import Column, delete, func, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import Track, TrackFile, metadata

_LOCK: Final = 7_305_114_815

_TRY_LOCK: Final = """
SELECT pg_try_advisory_xact_lock(:lock), set_config('idle_in_transaction_session_timeout', '5min', true)
"""
"""A leader that freezes between two questions leads no longer than that."""


async def try_lock(session: AsyncSession) -> bool:
    """Whether nobody else sweeps; until the end of the transaction nobody else begins to."""
    return bool(await session.scalar(text(_TRY_LOCK), {"lock": _LOCK}))


def blob_key_columns() -> list[Column[str]]:
    """Every column of every table that holds the key of a blob."""
    return [column for table in metadata.sorted_tables for column in table.columns if column.name.endswith("blob_key")]


async def referenced(session: AsyncSession, blob_keys: Collection[str]) -> set[str]:
    """Those of the keys that a row names, whichever table it stands in."""
    queries = [select(column).where(column.in_(blob_keys)) for column in blob_key_columns()]
    return set((await session.scalars(union(*queries))).all())


async def remove_files_of_deleted_tracks(session: AsyncSession, grace: timedelta) -> int:
    """Take their files from tracks that were deleted so long ago; how many files. What they were stays known."""
    gone = select(col(Track.id)).where(col(Track.deleted_at) < func.now() - grace)
    statement = delete(TrackFile).where(col(TrackFile.track_id).in_(gone)).returning(col(TrackFile.track_id))
    return len((await session.scalars(statement)).all())
