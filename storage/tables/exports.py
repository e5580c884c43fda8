"""Exports: archives of a user's data in an organization, or of selected tracks."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from core.exports import ExportStatus
from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class Export(OwnedRow, table=True):
    """An archive from request to expiry. ``fence`` is the fencing number of the claim that may write, as for jobs.

    ``track_ids`` are the selected tracks, each once; None selects everything.
    """

    __tablename__ = "exports"
    __table_args__ = (
        enum_check("status", ExportStatus),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(status IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("(status = 'succeeded') = (expires_at IS NOT NULL)", name="expires"),
        CheckConstraint("(blob_key IS NULL) OR (status = 'succeeded')", name="blob"),
        Index("ix_exports_owner", "organization_id", "user_id", "created_at", "id"),
        Index("ix_exports_due", "created_at", postgresql_where="status IN ('queued', 'running')"),
        Index("ux_exports_making", "user_id", unique=True, postgresql_where="status IN ('queued', 'running')"),
    )

    status: ExportStatus = Field(default=ExportStatus.QUEUED, sa_type=EnumText(ExportStatus))
    track_ids: list[str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    progress: int = 0
    attempts: int = 0
    fence: int = 0
    lease_expires_at: datetime | None = timestamp(is_nullable=True)
    blob_key: str | None = Field(default=None, index=True, sa_type=Text)
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    track_count: int | None = None
    missing_count: int | None = None
    created_at: datetime = timestamp()
    finished_at: datetime | None = timestamp(is_nullable=True)
    expires_at: datetime | None = timestamp(is_nullable=True)
