"""Conversions: files in further formats that a worker renders on request."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from core.formats import CONVERTIBLE, Format
from storage.tables.columns import EnumText, enum_check, sql_literals, timestamp


class ConversionStatus(StrEnum):
    WAITING = "waiting"  # queued, or claimed by a worker
    DONE = "done"  # the file is in track_files
    FAILED = "failed"


class Conversion(SQLModel, table=True):
    """A requested format of a track. ``title`` is the title of the track when ``user_id`` requested the file.

    A worker that holds the conversion moves ``due_at`` forward; at ``due_at`` no worker holds it.
    """

    __tablename__ = "conversions"
    __table_args__ = (
        CheckConstraint(f"format IN ({sql_literals(CONVERTIBLE)})", name="format"),
        enum_check("status", ConversionStatus),
        CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("attempts >= 0 AND fence >= 0", name="positive"),
        Index("ix_conversions_due", "due_at", postgresql_where="status = 'waiting'"),
    )

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    format: Format = Field(primary_key=True, sa_type=EnumText(Format))
    title: str | None = Field(default=None, sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)
    status: ConversionStatus = Field(default=ConversionStatus.WAITING, sa_type=EnumText(ConversionStatus))
    attempts: int = 0
    fence: int = 0
    asked_at: datetime = timestamp()
    due_at: datetime | None = timestamp(is_nullable=True)
    finished_at: datetime | None = timestamp(is_nullable=True)
