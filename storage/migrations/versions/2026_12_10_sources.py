"""Reference audio with declarations of rights, and the source audio of generations.

Revision ID: 2026_12_10_sources
Revises: 2026_12_09_focus_gaps
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import OWNER, add_columns, columns, one_of, owned, reference

revision = "2026_12_10_sources"
down_revision = "2026_12_09_focus_gaps"


def upgrade() -> None:
    op.create_table(
        "reference_audios",
        *owned(),
        *columns(
            "name text, basis text, statement text null, licence_class text, attribution text null, "
            "created_at timestamptz, sha256 text null, size_bytes bigint null, duration_seconds float8 null, "
            "uploaded_at timestamptz null, blob_key text null, deleted_at timestamptz null"
        ),
        one_of("basis", "licensed", "own_work", "public_domain"),
        one_of("licence_class", "commercial_cleared", "commercial_enterprise", "personal_only", "unclear"),
        sa.CheckConstraint("duration_seconds > 0 AND size_bytes > 0", name="positive"),
        sa.CheckConstraint(
            "num_nulls(sha256, size_bytes, duration_seconds, uploaded_at) IN (0, 4)", name="upload_is_whole"
        ),
        sa.CheckConstraint("(blob_key IS NULL) OR (uploaded_at IS NOT NULL AND deleted_at IS NULL)", name="blob"),
    )
    op.create_index("ix_reference_audios_owner", "reference_audios", OWNER)
    op.create_index("ix_reference_audios_created_at", "reference_audios", ["created_at"])
    op.create_index("ix_reference_audios_blob_key", "reference_audios", ["blob_key"])
    add_columns("generations", "source jsonb null")
    op.add_column("generations", reference("reference_audio_id", "reference_audios", nullable=True))
    op.create_index("ix_generations_reference_audio_id", "generations", ["reference_audio_id"])
    op.create_check_constraint("source", "generations", "(reference_audio_id IS NULL) OR (source IS NOT NULL)")
