"""Metadata in files, lossless masters, and conversions on request.

Revision ID: 2026_11_25_papers
Revises: 2026_11_25_door
"""

from alembic import op
from sqlalchemy import CheckConstraint, Index

from storage.migrations.ddl import add_columns, columns, key, one_of, reference, replace_file_roles

revision = "2026_11_25_papers"
down_revision = "2026_11_25_door"


def upgrade() -> None:
    add_columns("tracks", "papers jsonb null")
    replace_file_roles("cover", "download", "lossless", "master", "score", "stem", "stream", "waveform")
    op.create_table(
        "conversions",
        reference("track_id", "tracks", primary_key=True),
        *key("format"),
        *columns("title text null"),
        reference("user_id", "users"),
        *columns(
            "status text, attempts integer, fence integer, asked_at timestamptz, due_at timestamptz null, "
            "finished_at timestamptz null"
        ),
        CheckConstraint("attempts >= 0 AND fence >= 0", name="positive"),
        CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="finished"),
        one_of("format", "flac", "mp3", "stems", "wav"),
        one_of("status", "done", "failed", "waiting"),
        Index("ix_conversions_due", "due_at", postgresql_where="status = 'waiting'"),
    )
