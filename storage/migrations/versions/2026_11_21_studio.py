"""Initial schema.

Revision ID: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from storage.migrations.ddl import OWNER, TEXT, TIMESTAMP, key, one_of, optional, owned, reference, required

revision = "2026_11_21"
down_revision = None


def upgrade() -> None:
    _accounts()
    _generations()
    _tracks()
    _collections()
    _share_links()
    op.create_foreign_key("fk_generations_seed_track_id", "generations", "tracks", ["seed_track_id"], ["id"])


def _accounts() -> None:
    for table in ("organizations", "users"):
        op.create_table(table, *key("id"), *required(TEXT, "name"), *required(TIMESTAMP, "created_at"))
    op.create_table(
        "api_keys",
        *key("id"),
        reference("user_id", "users", index=True),
        *required(TEXT, "name", "hint"),
        *required(sa.LargeBinary(), "digest"),
        *required(TIMESTAMP, "created_at"),
        *optional(TIMESTAMP, "expires_at", "revoked_at", "last_used_at"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        UniqueConstraint("digest"),
    )
    op.create_table(
        "memberships",
        reference("organization_id", "organizations", primary_key=True),
        reference("user_id", "users", primary_key=True, index=True),
        *required(TEXT, "role"),
        *required(TIMESTAMP, "created_at"),
        one_of("role", "admin", "member"),
    )
    op.create_table(
        "spend_limits",
        reference("organization_id", "organizations", primary_key=True),
        *key("period"),
        *required(sa.Numeric(14, 4), "limit_chf"),
        one_of("period", "day", "month", "week"),
        CheckConstraint("limit_chf >= 0", name="limit"),
    )


def _generations() -> None:
    op.create_table(
        "generations",
        *owned(),
        *required(TEXT, "status"),
        *required(sa.Integer(), "progress"),
        *optional(TEXT, "stage"),
        *required(sa.Integer(), "sequence"),
        *required(TEXT, "engine", "mode", "prompt"),
        *required(sa.Integer(), "duration_seconds"),
        *required(sa.Boolean(), "instrumental"),
        *optional(TEXT, "lyrics"),
        sa.Column("seed_track_id", TEXT, index=True),
        *required(JSONB(), "style_tags"),
        *optional(TEXT, "title"),
        *required(sa.BigInteger(), "seed"),
        *required(sa.Boolean(), "loop"),
        *optional(TEXT, "idempotency_key"),
        *required(TEXT, "fingerprint"),
        *required(sa.Numeric(14, 4), "cost_chf"),
        *required(sa.Integer(), "attempts", "fence"),
        *optional(TIMESTAMP, "lease_expires_at", "cancel_requested_at"),
        *optional(TEXT, "error_message", "refusal_reason"),
        *required(TIMESTAMP, "created_at"),
        *optional(TIMESTAMP, "started_at", "finished_at"),
        CheckConstraint("(error_message IS NULL) OR (status = 'failed')", name="error_message"),
        CheckConstraint("(refusal_reason IS NULL) OR (status = 'refused')", name="refusal_reason"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(status = 'succeeded') <= (progress = 100)", name="success_is_whole"),
        CheckConstraint(
            "(status IN ('cancelled', 'failed', 'refused', 'succeeded')) = (finished_at IS NOT NULL)", name="finished"
        ),
        one_of("mode", "creation", "focus"),
        one_of("status", "cancelled", "failed", "queued", "refused", "running", "succeeded"),
        CheckConstraint("duration_seconds > 0 AND cost_chf >= 0 AND attempts >= 0 AND fence >= 0", name="positive"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        UniqueConstraint("organization_id", "user_id", "idempotency_key"),
        Index("ix_generations_due", "created_at", postgresql_where="status IN ('queued', 'running')"),
        Index("ix_generations_owner", *OWNER),
    )


def _tracks() -> None:
    op.create_table(
        "tracks",
        *owned(),
        reference("generation_id", "generations"),
        *optional(TEXT, "title"),
        *required(TEXT, "engine", "engine_version", "mode"),
        *required(sa.BigInteger(), "seed"),
        *required(sa.Boolean(), "instrumental"),
        *optional(sa.Float(), "measured_duration_seconds", "tempo_bpm"),
        *optional(TEXT, "key", "metre", "style"),
        *optional(sa.Float(), "loudness_lufs", "true_peak_dbtp"),
        *required(JSONB(), "chords", "sections", "report", "palette"),
        *optional(JSONB(), "continuation"),
        *required(TEXT, "licence_class", "licence_version"),
        *required(sa.Boolean(), "commercial_use", "requires_attribution"),
        *required(TIMESTAMP, "created_at"),
        *optional(TIMESTAMP, "deleted_at"),
        CheckConstraint(
            "commercial_use = (licence_class IN ('commercial_cleared', 'commercial_enterprise'))",
            name="licence_is_true",
        ),
        one_of("licence_class", "commercial_cleared", "commercial_enterprise", "personal_only", "unclear"),
        one_of("mode", "creation", "focus"),
        CheckConstraint("measured_duration_seconds > 0", name="duration"),
        UniqueConstraint("generation_id"),
        Index("ix_tracks_owner", *OWNER),
    )
    op.create_table(
        "track_files",
        reference("track_id", "tracks", primary_key=True),
        *key("role", "name"),
        sa.Column("blob_key", TEXT, nullable=False, index=True),
        *required(TEXT, "media_type"),
        *required(sa.Integer(), "size_bytes"),
        one_of("role", "master", "score", "stem", "waveform"),
        CheckConstraint("size_bytes > 0", name="size"),
    )


def _collections() -> None:
    op.create_table(
        "collections",
        *owned(),
        *required(TEXT, "name"),
        *optional(TEXT, "description"),
        reference("cover_track_id", "tracks", nullable=True, index=True),
        *optional(TEXT, "cover_image_url"),
        *required(TIMESTAMP, "created_at", "updated_at"),
        *optional(TIMESTAMP, "deleted_at"),
        Index("ix_collections_owner", *OWNER),
    )
    op.create_table(
        "collection_tracks",
        reference("collection_id", "collections", primary_key=True),
        reference("track_id", "tracks", primary_key=True, index=True),
        *required(sa.Integer(), "position"),
        *required(TIMESTAMP, "added_at"),
        CheckConstraint("position >= 0", name="position"),
        UniqueConstraint("collection_id", "position", deferrable=True, initially="DEFERRED"),
    )


def _share_links() -> None:
    op.create_table(
        "share_links",
        *owned(),
        *required(TEXT, "target_type"),
        reference("track_id", "tracks", nullable=True, index=True),
        reference("collection_id", "collections", nullable=True, index=True),
        *required(TEXT, "visibility"),
        *required(sa.LargeBinary(), "token_digest"),
        *required(TIMESTAMP, "created_at"),
        *optional(TIMESTAMP, "expires_at", "revoked_at"),
        CheckConstraint("(target_type = 'collection') = (collection_id IS NOT NULL)", name="collection"),
        CheckConstraint("(target_type = 'track') = (track_id IS NOT NULL)", name="track"),
        one_of("target_type", "collection", "track"),
        one_of("visibility", "link_only", "public"),
        CheckConstraint("octet_length(token_digest) = 32", name="token_digest"),
        UniqueConstraint("token_digest"),
        Index("ix_share_links_owner", *OWNER),
    )
    op.create_table(
        "library_entries",
        *owned(),
        reference("track_id", "tracks", index=True),
        *required(TEXT, "source"),
        reference("share_link_id", "share_links", nullable=True, index=True),
        *required(TIMESTAMP, "created_at"),
        one_of("source", "own", "shared"),
        UniqueConstraint("user_id", "track_id"),
        Index("ix_library_entries_owner", *OWNER),
    )
    op.create_table(
        "share_accesses",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("resolved_at", TIMESTAMP, nullable=False, index=True),
        *required(TEXT, "client_ip"),
        *required(sa.LargeBinary(), "token_digest"),
        *required(TEXT, "outcome"),
        reference("share_link_id", "share_links", nullable=True, index=True),
        one_of("outcome", "limited", "not_found", "resolved", "unavailable"),
    )
