"""Focus sessions, whose segments are generations."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from core.focus import MAX_MINUTES, EndReason, Goal, Intensity, SessionStatus
from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class FocusSession(OwnedRow, table=True):
    """A focus session. ``sequence`` numbers its changes; goal, intensity and divergence apply to the next segment.

    ``ready_seconds`` is the playback time of its ready segments. ``is_stalled`` is whether the listener has played all
    of it and waits for the next one; ``gap_seconds`` adds up the times of waiting that are over. ``problem`` is why its
    last segment failed, if it ended for that.
    """

    __tablename__ = "focus_sessions"
    __table_args__ = (
        enum_check("status", SessionStatus),
        enum_check("goal", Goal),
        enum_check("intensity", Intensity),
        enum_check("end_reason", EndReason),
        UniqueConstraint("organization_id", "user_id", "idempotency_key"),
        CheckConstraint("divergence BETWEEN 0 AND 1", name="divergence"),
        CheckConstraint(f"target_minutes BETWEEN 1 AND {MAX_MINUTES}", name="target_minutes"),
        CheckConstraint("(goal = 'custom_prompt') <= (prompt IS NOT NULL)", name="prompt"),
        CheckConstraint("(status = 'active') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(status = 'active') = (end_reason IS NULL)", name="reason"),
        CheckConstraint("(end_reason = 'cap') = (status = 'stopped_cap')", name="cap"),
        CheckConstraint("heard_seconds >= 0", name="heard"),
        CheckConstraint("ready_seconds >= 0 AND gap_seconds >= 0", name="gaps"),
        Index("ix_focus_sessions_owner", "organization_id", "user_id", "created_at", "id"),
        Index("ix_focus_sessions_active", "last_listened_at", postgresql_where="status = 'active'"),
    )

    status: SessionStatus = Field(default=SessionStatus.ACTIVE, sa_type=EnumText(SessionStatus))
    end_reason: EndReason | None = Field(default=None, sa_type=EnumText(EndReason))
    sequence: int = 0

    goal: Goal = Field(sa_type=EnumText(Goal))
    prompt: str | None = Field(default=None, sa_type=Text)
    intensity: Intensity = Field(default=Intensity.MEDIUM, sa_type=EnumText(Intensity))
    divergence: float = 0.0
    engine: str = Field(sa_type=Text)
    target_minutes: int
    seed: int = Field(sa_type=BigInteger)
    prefetch: bool = False

    idempotency_key: str | None = Field(default=None, sa_type=Text)
    fingerprint: str = Field(sa_type=Text)

    created_at: datetime = timestamp()
    first_ready_at: datetime | None = timestamp(is_nullable=True)
    heard_seconds: float = 0.0
    ready_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": text("0")})
    gap_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": text("0")})
    is_stalled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    problem: str | None = Field(default=None, sa_type=Text)
    last_listened_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(is_nullable=True)
