"""Jobs of remote engines: what was sent to a peer, and under which id it works."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from storage.tables.columns import EnumText, enum_check, timestamp


class RemotePhase(StrEnum):
    """The next step of a job at a peer."""

    PREPARED = "prepared"  # the peer has no job
    SUBMITTING = "submitting"  # a request may have reached the peer
    WORKING = "working"  # the peer has a job with the foreign id
    READY = "ready"  # the peer has finished the job


class RemoteJob(SQLModel, table=True):
    """The job of a generation at a peer; the row is removed when the generation ends.

    ``submission`` counts the jobs that the peer had for this generation and is part of the idempotency key.
    ``failures`` counts the requests without a valid response in a row, ``losses`` the responses in a row by which the
    peer does not know the job, ``polls`` the requests for the state of this job.
    """

    __tablename__ = "remote_jobs"
    __table_args__ = (
        enum_check("phase", RemotePhase),
        CheckConstraint("(phase IN ('working', 'ready')) = (foreign_id IS NOT NULL)", name="foreign_id"),
        CheckConstraint("(foreign_id IS NULL) = (submitted_at IS NULL)", name="submitted"),
        CheckConstraint("submission > 0 AND failures >= 0 AND losses >= 0 AND polls >= 0", name="positive"),
    )

    generation_id: str = Field(primary_key=True, foreign_key="generations.id", sa_type=Text)
    phase: RemotePhase = Field(default=RemotePhase.PREPARED, sa_type=EnumText(RemotePhase))
    submission: int = 1
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    foreign_id: str | None = Field(default=None, sa_type=Text)
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    failures: int = 0
    losses: int = 0
    polls: int = 0
    submitted_at: datetime | None = timestamp(is_nullable=True)

    @property
    def key(self) -> str:
        """The idempotency key of this submission."""
        return f"{self.generation_id}-{self.submission}"
