"""Metadata in files, lossless masters, and conversions on request.

Revision ID: 2026_11_25_papers
Revises: 2026_11_25_door
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_papers"
down_revision = "2026_11_25_door"
branch_labels = None
depends_on = None

_ROLES = "'cover', 'download', 'lossless', 'master', 'score', 'stem', 'stream', 'waveform'"


def upgrade() -> None:
    op.add_column("tracks", sa.Column("papers", postgresql.JSONB(), nullable=True))
    op.drop_constraint(op.f("ck_track_files_role"), "track_files")
    op.create_check_constraint(op.f("ck_track_files_role"), "track_files", f"role IN ({_ROLES})")
    op.create_table(
        "conversions",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0 AND fence >= 0", name=op.f("ck_conversions_positive")),
        sa.CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name=op.f("ck_conversions_due")),
        sa.CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name=op.f("ck_conversions_finished")),
        sa.CheckConstraint("format IN ('flac', 'mp3', 'stems', 'wav')", name=op.f("ck_conversions_format")),
        sa.CheckConstraint("status IN ('done', 'failed', 'waiting')", name=op.f("ck_conversions_status")),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_conversions_track_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_conversions_user_id")),
        sa.PrimaryKeyConstraint("track_id", "format", name=op.f("pk_conversions")),
    )
    op.create_index(
        "ix_conversions_due", "conversions", ["due_at"], unique=False, postgresql_where=sa.text("status = 'waiting'")
    )
