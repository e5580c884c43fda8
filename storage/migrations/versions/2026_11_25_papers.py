"""Metadata in files, lossless masters, and conversions on request.

Revision ID: 2026_11_25_papers
Revises: 2026_11_25_door
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB

from storage.migrations.ddl import TEXT, TIMESTAMP, key, one_of, optional, reference, replace_file_roles, required

revision = "2026_11_25_papers"
down_revision = "2026_11_25_door"


def upgrade() -> None:
    op.add_column("tracks", sa.Column("papers", JSONB()))
    replace_file_roles("cover", "download", "lossless", "master", "score", "stem", "stream", "waveform")
    op.create_table(
        "conversions",
        reference("track_id", "tracks", primary_key=True),
        *key("format"),
        *optional(TEXT, "title"),
        reference("user_id", "users"),
        *required(TEXT, "status"),
        *required(sa.Integer(), "attempts", "fence"),
        *required(TIMESTAMP, "asked_at"),
        *optional(TIMESTAMP, "due_at", "finished_at"),
        CheckConstraint("attempts >= 0 AND fence >= 0", name="positive"),
        CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="finished"),
        one_of("format", "flac", "mp3", "stems", "wav"),
        one_of("status", "done", "failed", "waiting"),
        Index("ix_conversions_due", "due_at", postgresql_where="status = 'waiting'"),
    )
