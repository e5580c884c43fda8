"""Orphaned blobs: which blobs are referenced by rows, and the removal of files of deleted tracks."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import Column, delete, func, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import Track, TrackFile, metadata

LOCK: Final = 7_305_114_815
"""Advisory lock of the cleanup; a backup holds it as well."""

_TRY_LOCK: Final = """
SELECT pg_try_advisory_xact_lock(:lock), set_config('idle_in_transaction_session_timeout', '5min', true)
"""
"""Tries to take the lock, and bounds its duration for a process that freezes."""


async def try_lock(session: AsyncSession) -> bool:
    """Try to take the lock of the cleanup until the end of the transaction; return whether it was free."""
    return bool(await session.scalar(text(_TRY_LOCK), {"lock": LOCK}))


def blob_key_columns() -> list[Column[str]]:
    """Return all columns that contain blob keys."""
    return [column for table in metadata.sorted_tables for column in table.columns if column.name.endswith("blob_key")]


async def referenced(session: AsyncSession, blob_keys: Collection[str]) -> set[str]:
    """Return those of the keys that any row references."""
    queries = [select(column).where(column.in_(blob_keys)) for column in blob_key_columns()]
    return set((await session.scalars(union(*queries))).all())


async def remove_files_of_deleted_tracks(session: AsyncSession, grace: timedelta) -> int:
    """Delete the file rows of tracks that were deleted before ``grace``, and return their number.

    Triggers record their digests in forgotten_files.
    """
    deleted = select(col(Track.id)).where(col(Track.deleted_at) < func.now() - grace)
    statement = delete(TrackFile).where(col(TrackFile.track_id).in_(deleted)).returning(col(TrackFile.track_id))
    return len((await session.scalars(statement)).all())
