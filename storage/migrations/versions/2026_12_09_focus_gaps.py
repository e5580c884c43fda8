"""Gaps of focus sessions whose engine is slower than playback, and why a session broke.

Revision ID: 2026_12_09_focus_gaps
Revises: 2026_12_08_engine_checks
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_09_focus_gaps"
down_revision = "2026_12_08_engine_checks"


def upgrade() -> None:
    op.add_column("focus_sessions", sa.Column("ready_seconds", sa.Float(), nullable=False, server_default=sa.text("0")))
    op.add_column("focus_sessions", sa.Column("gap_seconds", sa.Float(), nullable=False, server_default=sa.text("0")))
    op.add_column("focus_sessions", sa.Column("is_stalled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("focus_sessions", sa.Column("problem", sa.Text(), nullable=True))
    op.execute(
        "UPDATE focus_sessions SET ready_seconds = coalesce((SELECT sum("
        "(segment #>> '{grid,duration_seconds}')::float8 - (segment #>> '{grid,overlap_ms}')::float8 / 1000) "
        "FROM generations WHERE session_id = focus_sessions.id AND status = 'succeeded'), 0)"
    )
    op.create_check_constraint("gaps", "focus_sessions", "ready_seconds >= 0 AND gap_seconds >= 0")
