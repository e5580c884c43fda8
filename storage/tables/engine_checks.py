"""Health checks of remote engines: the result of the last one, which workers store and all processes read."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from storage.tables.columns import EnumText, enum_check, timestamp


class CheckResult(StrEnum):
    """The result of a health check."""

    AVAILABLE = "available"  # the peer answered, and requests can be sent to it
    UNAVAILABLE = "unavailable"
    NOT_CHECKED = "not_checked"  # the peer has no address that can be tried without costs


class EngineCheck(SQLModel, table=True):
    """The last health check of a remote engine; without a ``result`` the first one is in progress.

    ``message`` is a sentence for users. ``available_at`` is the last time at which the peer could be used.
    ``jobs_ahead`` and ``seconds_per_job`` are what the peer reports, None if it does not.
    """

    __tablename__ = "engine_checks"
    __table_args__ = (
        enum_check("result", CheckResult),
        CheckConstraint("(result IS NULL) = (checked_at IS NULL)", name="checked"),
        CheckConstraint("jobs_ahead >= 0 AND seconds_per_job >= 0", name="positive"),
    )

    engine: str = Field(primary_key=True, sa_type=Text)
    next_check_at: datetime = timestamp()
    checked_at: datetime | None = timestamp(is_nullable=True)
    result: CheckResult | None = Field(default=None, sa_type=EnumText(CheckResult))
    message: str = Field(default="", sa_type=Text)
    available_at: datetime | None = timestamp(is_nullable=True)
    jobs_ahead: int | None = None
    seconds_per_job: float | None = None
