"""Queries on reference audio."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from storage.tables import ReferenceAudio


async def set_file(
    session: AsyncSession, row: ReferenceAudio, blob_key: str, upload: tuple[str, int], duration_seconds: float,
    uploaded_at: datetime,
) -> bool:  # fmt: skip
    """Record the file of a row; return False if it has one already or is deleted.

    ``upload`` are the SHA-256 and the size in bytes of the file as it came.
    """
    is_open = (col(ReferenceAudio.uploaded_at).is_(None)) & (col(ReferenceAudio.deleted_at).is_(None))
    statement = (
        update(ReferenceAudio)
        .where(col(ReferenceAudio.id) == row.id, is_open)
        .values(
            blob_key=blob_key,
            sha256=upload[0],
            size_bytes=upload[1],
            duration_seconds=duration_seconds,
            uploaded_at=uploaded_at,
        )
        .returning(col(ReferenceAudio.id))
    )
    return await session.scalar(statement) is not None
