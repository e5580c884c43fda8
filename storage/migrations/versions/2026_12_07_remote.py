"""Jobs of remote engines, and the original files of their tracks.

Revision ID: 2026_12_07_remote
Revises: 2026_12_06_callbacks
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import add_columns, columns, one_of, replace_file_roles

revision = "2026_12_07_remote"
down_revision = "2026_12_06_callbacks"


def upgrade() -> None:
    add_columns("generations", "next_step_at timestamptz null")
    op.create_check_constraint("next_step", "generations", "(next_step_at IS NULL) OR (status = 'running')")
    op.create_table(
        "remote_jobs",
        sa.Column("generation_id", sa.Text(), sa.ForeignKey("generations.id"), primary_key=True),
        *columns(
            "phase text, submission integer, payload jsonb, foreign_id text null, result jsonb, failures integer, "
            "losses integer, polls integer, submitted_at timestamptz null"
        ),
        one_of("phase", "prepared", "ready", "submitting", "working"),
        sa.CheckConstraint("(phase IN ('working', 'ready')) = (foreign_id IS NOT NULL)", name="foreign_id"),
        sa.CheckConstraint("(foreign_id IS NULL) = (submitted_at IS NULL)", name="submitted"),
        sa.CheckConstraint("submission > 0 AND failures >= 0 AND losses >= 0 AND polls >= 0", name="positive"),
    )
    replace_file_roles("cover", "download", "lossless", "master", "original", "score", "stem", "stream", "waveform")
