"""Focus sessions and their segments.

Revision ID: 2026_11_21_focus
Revises: 2026_11_21_catalogue
"""

from alembic import op
from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from storage.migrations import ddl
from storage.migrations.ddl import OWNER, columns, one_of, owned, reference

revision = "2026_11_21_focus"
down_revision = "2026_11_21_catalogue"

_SEGMENT_CHECKS = {
    "segment_is_whole": "(session_id IS NULL) = (segment_index IS NULL) AND (session_id IS NULL) = (segment IS NULL)",
    "segment_index": "segment_index IS NULL OR (segment_index >= 0 AND mode = 'focus')",
    "ready_sequence": "(ready_sequence IS NULL) OR (status = 'succeeded')",
}


def upgrade() -> None:
    _sessions()
    _segments()
    _streams()


def _sessions() -> None:
    op.create_table(
        "focus_sessions",
        *owned(),
        *columns(
            "status text, end_reason text null, sequence integer, goal text, prompt text null, intensity text, "
            "divergence float8, engine text, target_minutes integer, seed bigint, prefetch boolean, "
            "idempotency_key text null, fingerprint text, created_at timestamptz, first_ready_at timestamptz null, "
            "heard_seconds float8, last_listened_at timestamptz, ended_at timestamptz null"
        ),
        one_of("status", "active", "ended", "stopped_cap"),
        one_of("goal", "custom_prompt", "energize", "focus", "relax", "sleep"),
        one_of("intensity", "high", "low", "medium"),
        one_of("end_reason", "broken", "cap", "complete", "listener"),
        CheckConstraint("divergence BETWEEN 0 AND 1", name="divergence"),
        CheckConstraint("target_minutes BETWEEN 1 AND 720", name="target_minutes"),
        CheckConstraint("(goal = 'custom_prompt') <= (prompt IS NOT NULL)", name="prompt"),
        CheckConstraint("(status = 'active') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(status = 'active') = (end_reason IS NULL)", name="reason"),
        CheckConstraint("(end_reason = 'cap') = (status = 'stopped_cap')", name="cap"),
        CheckConstraint("heard_seconds >= 0", name="heard"),
        UniqueConstraint("organization_id", "user_id", "idempotency_key"),
        Index("ix_focus_sessions_owner", *OWNER),
        Index("ix_focus_sessions_active", "last_listened_at", postgresql_where="status = 'active'"),
    )


def _segments() -> None:
    op.add_column("generations", reference("session_id", "focus_sessions", nullable=True))
    ddl.add_columns("generations", "segment_index integer null, segment jsonb null, ready_sequence integer null")
    for name, condition in _SEGMENT_CHECKS.items():
        op.create_check_constraint(name, "generations", condition)
    op.create_index(
        "ux_generations_segment",
        "generations",
        ["session_id", "segment_index"],
        unique=True,
        postgresql_where="status IN ('queued', 'running', 'succeeded')",
    )
    in_progress = "status IN ('queued', 'running')"
    op.create_index("ux_generations_making", "generations", ["session_id"], unique=True, postgresql_where=in_progress)


def _streams() -> None:
    ddl.replace_file_roles("cover", "master", "score", "stem", "stream", "waveform")
    ddl.add_columns("track_files", "frames integer null")
    op.create_check_constraint("frames", "track_files", "(role = 'stream') = (frames IS NOT NULL)")
