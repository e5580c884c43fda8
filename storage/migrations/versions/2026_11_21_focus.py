"""Focus sessions and their segments.

Revision ID: 2026_11_21_focus
Revises: 2026_11_21_catalogue
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_focus"
down_revision = "2026_11_21_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sessions()
    _segments()
    _streams()


def _sessions() -> None:
    op.create_table(
        "focus_sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("intensity", sa.Text(), nullable=False),
        sa.Column("divergence", sa.Float(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("target_minutes", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("prefetch", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_seconds", sa.Float(), nullable=False),
        sa.Column("last_listened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('active', 'ended', 'stopped_cap')", name=op.f("ck_focus_sessions_status")),
        sa.CheckConstraint(
            "goal IN ('custom_prompt', 'energize', 'focus', 'relax', 'sleep')", name=op.f("ck_focus_sessions_goal")
        ),
        sa.CheckConstraint("intensity IN ('high', 'low', 'medium')", name=op.f("ck_focus_sessions_intensity")),
        sa.CheckConstraint(
            "end_reason IN ('broken', 'cap', 'complete', 'listener')", name=op.f("ck_focus_sessions_end_reason")
        ),
        sa.CheckConstraint("divergence BETWEEN 0 AND 1", name=op.f("ck_focus_sessions_divergence")),
        sa.CheckConstraint("target_minutes BETWEEN 1 AND 720", name=op.f("ck_focus_sessions_target_minutes")),
        sa.CheckConstraint("(goal = 'custom_prompt') <= (prompt IS NOT NULL)", name=op.f("ck_focus_sessions_prompt")),
        sa.CheckConstraint("(status = 'active') = (ended_at IS NULL)", name=op.f("ck_focus_sessions_ended")),
        sa.CheckConstraint("(status = 'active') = (end_reason IS NULL)", name=op.f("ck_focus_sessions_reason")),
        sa.CheckConstraint("(end_reason = 'cap') = (status = 'stopped_cap')", name=op.f("ck_focus_sessions_cap")),
        sa.CheckConstraint("heard_seconds >= 0", name=op.f("ck_focus_sessions_heard")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_focus_sessions_organization_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_focus_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_focus_sessions")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "idempotency_key",
            name=op.f("uq_focus_sessions_organization_id_user_id_idempotency_key"),
        ),
    )
    op.create_index(
        "ix_focus_sessions_owner", "focus_sessions", ["organization_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_focus_sessions_active",
        "focus_sessions",
        ["last_listened_at"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )


def _segments() -> None:
    op.add_column("generations", sa.Column("session_id", sa.Text(), nullable=True))
    op.add_column("generations", sa.Column("segment_index", sa.Integer(), nullable=True))
    op.add_column("generations", sa.Column("segment", postgresql.JSONB(), nullable=True))
    op.add_column("generations", sa.Column("ready_sequence", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_generations_session_id"), "generations", "focus_sessions", ["session_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_generations_segment_is_whole"),
        "generations",
        "(session_id IS NULL) = (segment_index IS NULL) AND (session_id IS NULL) = (segment IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_generations_segment_index"),
        "generations",
        "segment_index IS NULL OR (segment_index >= 0 AND mode = 'focus')",
    )
    op.create_check_constraint(
        op.f("ck_generations_ready_sequence"), "generations", "(ready_sequence IS NULL) OR (status = 'succeeded')"
    )
    op.create_index(
        "ux_generations_segment",
        "generations",
        ["session_id", "segment_index"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running', 'succeeded')"),
    )
    op.create_index(
        "ux_generations_making",
        "generations",
        ["session_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def _streams() -> None:
    roles = "role IN ('cover', 'master', 'score', 'stem', 'stream', 'waveform')"
    op.drop_constraint(op.f("ck_track_files_role"), "track_files")
    op.create_check_constraint(op.f("ck_track_files_role"), "track_files", roles)
    op.add_column("track_files", sa.Column("frames", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_track_files_frames"), "track_files", "(role = 'stream') = (frames IS NOT NULL)")
