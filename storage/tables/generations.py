"""Generations, whose execution is a job, and the round-robin state of their dispatch."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.jobs import TERMINAL, Mode, Status
from storage.tables.columns import EnumText, OwnedRow, enum_check, sql_literals, timestamp

_QUEUE_ORDER: Final = ("organization_id", "user_id", text("coalesce(session_id, '')"), "created_at", "id")


class Generation(OwnedRow, table=True):
    """A generation. ``fence`` is the fencing number of the claim that may write, ``sequence`` numbers the events.

    While a peer works on a job, no worker holds it: it stays running, and the next step is claimed at ``next_step_at``
    like a job with an expired lease.

    The generation of a segment belongs to a focus session: ``segment`` contains the engine's instructions, and
    ``ready_sequence`` is the number of the session's change that made it available.
    """

    __tablename__ = "generations"
    __table_args__ = (
        enum_check("status", Status),
        enum_check("mode", Mode),
        UniqueConstraint("organization_id", "user_id", "idempotency_key"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("(status = 'succeeded') <= (progress = 100)", name="success_is_whole"),
        CheckConstraint(f"(status IN ({sql_literals(TERMINAL)})) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(next_step_at IS NULL) OR (status = 'running')", name="next_step"),
        CheckConstraint("(error_message IS NULL) OR (status = 'failed')", name="error_message"),
        CheckConstraint("(refusal_reason IS NULL) OR (status = 'refused')", name="refusal_reason"),
        CheckConstraint("duration_seconds > 0 AND cost_chf >= 0 AND attempts >= 0 AND fence >= 0", name="positive"),
        Index("ix_generations_owner", "organization_id", "user_id", "created_at", "id"),
        Index("ix_generations_queue", *_QUEUE_ORDER, postgresql_where="status = 'queued'"),
        Index("ix_generations_running", "organization_id", "user_id", postgresql_where="status = 'running'"),
        Index("ix_generations_pace", "engine", "finished_at", postgresql_where="status = 'succeeded' AND attempts = 1"),
        Index("ix_generations_ended", "finished_at"),
        Index("ix_generations_callback", "finished_at", postgresql_where="callback_url IS NOT NULL"),
        Index(None, "seed_track_id"),
        Index(None, "reference_audio_id"),
        CheckConstraint("(reference_audio_id IS NULL) OR (source IS NOT NULL)", name="source"),
        CheckConstraint("(callback_url IS NULL) = (callback_secret IS NULL)", name="callback"),
        CheckConstraint(
            "(session_id IS NULL) = (segment_index IS NULL) AND (session_id IS NULL) = (segment IS NULL)",
            name="segment_is_whole",
        ),
        CheckConstraint("segment_index IS NULL OR (segment_index >= 0 AND mode = 'focus')", name="segment_index"),
        CheckConstraint("(ready_sequence IS NULL) OR (status = 'succeeded')", name="ready_sequence"),
        # each segment exists once, and a session has one in progress: a segment continues the end of the previous one
        Index(
            "ux_generations_segment",
            "session_id",
            "segment_index",
            unique=True,
            postgresql_where="status IN ('queued', 'running', 'succeeded')",
        ),
        Index("ux_generations_making", "session_id", unique=True, postgresql_where="status IN ('queued', 'running')"),
    )

    status: Status = Field(default=Status.QUEUED, sa_type=EnumText(Status))
    progress: int = 0
    stage: str | None = Field(default=None, sa_type=Text)
    sequence: int = 0

    engine: str = Field(sa_type=Text)
    mode: Mode = Field(default=Mode.CREATION, sa_type=EnumText(Mode))
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
    save_to_library: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # the fields of engines.port.Controls that were given
    controls: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))

    # the fields of engines.source_port.SourceAudio that were given; the audio is the reference audio or the seed track
    source: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    reference_audio_id: str | None = Field(default=None, foreign_key="reference_audios.id", sa_type=Text)

    # cleared with the record of its delivery
    callback_url: str | None = Field(default=None, sa_type=Text)
    callback_secret: str | None = Field(default=None, sa_type=Text)

    session_id: str | None = Field(default=None, foreign_key="focus_sessions.id", sa_type=Text)
    segment_index: int | None = None
    segment: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    ready_sequence: int | None = None

    idempotency_key: str | None = Field(default=None, sa_type=Text)
    fingerprint: str = Field(sa_type=Text)
    cost_chf: Decimal = Field(sa_column=Column(Numeric(14, 4), nullable=False))

    attempts: int = 0
    fence: int = 0
    lease_expires_at: datetime | None = timestamp(is_nullable=True)
    next_step_at: datetime | None = timestamp(is_nullable=True)
    retry_at: datetime | None = timestamp(is_nullable=True)
    cancel_requested_at: datetime | None = timestamp(is_nullable=True)
    error_message: str | None = Field(default=None, sa_type=Text)
    refusal_reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
    trace_parent: str | None = Field(default=None, sa_type=Text)
    started_at: datetime | None = timestamp(is_nullable=True)
    finished_at: datetime | None = timestamp(is_nullable=True)
    # imported from another installation, where it was paid for
    imported_at: datetime | None = timestamp(is_nullable=True)


class DispatchTurn(SQLModel, table=True):
    """The owner that was served last in a queue. A lost row costs the fairness of one turn only."""

    __tablename__ = "turns"

    queue: str = Field(primary_key=True, sa_type=Text)
    owner: str = Field(sa_type=Text)
