"""Jobs."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.jobs import TERMINAL, Mode, Status
from storage.tables.columns import Member, moment, one_of, words


class Generation(SQLModel, table=True):
    """A job from request to end. ``fence`` numbers the claim that may write, ``sequence`` the events."""

    __tablename__ = "generations"
    __table_args__ = (
        one_of("status", Status),
        one_of("mode", Mode),
        UniqueConstraint("organization_id", "user_id", "idempotency_key"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("(status = 'succeeded') <= (progress = 100)", name="success_is_whole"),
        CheckConstraint(f"(status IN ({words(TERMINAL)})) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(error_message IS NULL) OR (status = 'failed')", name="error_message"),
        CheckConstraint("(refusal_reason IS NULL) OR (status = 'refused')", name="refusal_reason"),
        CheckConstraint("duration_seconds > 0 AND cost_chf >= 0 AND attempts >= 0 AND fence >= 0", name="positive"),
        Index("ix_generations_owner", "organization_id", "user_id", "created_at", "id"),
        Index("ix_generations_due", "created_at", postgresql_where="status IN ('queued', 'running')"),
        Index(None, "seed_track_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    organization_id: str = Field(foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)
    status: Status = Field(default=Status.QUEUED, sa_type=Member(Status))
    progress: int = 0
    stage: str | None = Field(default=None, sa_type=Text)
    sequence: int = 0

    engine: str = Field(sa_type=Text)
    mode: Mode = Field(default=Mode.CREATION, sa_type=Member(Mode))
    prompt: str = Field(sa_type=Text)
    duration_seconds: int
    instrumental: bool = False
    lyrics: str | None = Field(default=None, sa_type=Text)
    seed_track_id: str | None = Field(
        default=None,
        sa_column=Column(Text, ForeignKey("tracks.id", name="fk_generations_seed_track_id", use_alter=True)),
    )
    style_tags: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    title: str | None = Field(default=None, sa_type=Text)
    seed: int = Field(sa_type=BigInteger)
    loop: bool = False

    idempotency_key: str | None = Field(default=None, sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    cost_chf: Decimal = Field(sa_column=Column(Numeric(14, 4), nullable=False))

    attempts: int = 0
    fence: int = 0
    lease_expires_at: datetime | None = moment(is_nullable=True)
    cancel_requested_at: datetime | None = moment(is_nullable=True)
    error_message: str | None = Field(default=None, sa_type=Text)
    refusal_reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = moment()
    started_at: datetime | None = moment(is_nullable=True)
    finished_at: datetime | None = moment(is_nullable=True)
