"""Files that somebody asked for and a worker makes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel

from core.formats import CONVERTIBLE, Format
from storage.tables.columns import EnumText, enum_check, sql_literals, timestamp


class ConversionStatus(StrEnum):
    """How far it is."""

    WAITING = "waiting"  # for a worker, or in the hands of one
    DONE = "done"  # the file stands in track_files
    FAILED = "failed"


class Conversion(SQLModel, table=True):
    """One format of a track, made under the ``title`` that it had when ``user_id`` asked for it.

    Whoever claims it puts ``due_at`` off again and again; when it has come, nobody is at it.
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
