"""Initial schema.

Revision ID: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Index, UniqueConstraint

from storage.migrations.ddl import OWNER, columns, key, one_of, owned, reference

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
        op.create_table(table, *key("id"), *columns("name text, created_at timestamptz"))
    op.create_table(
        "api_keys",
        *key("id"),
        reference("user_id", "users", index=True),
        *columns(
            "name text, hint text, digest bytea, created_at timestamptz, expires_at timestamptz null, "
            "revoked_at timestamptz null, last_used_at timestamptz null"
        ),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        UniqueConstraint("digest"),
    )
    op.create_table(
        "memberships",
        reference("organization_id", "organizations", primary_key=True),
        reference("user_id", "users", primary_key=True, index=True),
        *columns("role text, created_at timestamptz"),
        one_of("role", "admin", "member"),
    )
    op.create_table(
        "spend_limits",
        reference("organization_id", "organizations", primary_key=True),
        *key("period"),
        *columns("limit_chf numeric(14,4)"),
        one_of("period", "day", "month", "week"),
        CheckConstraint("limit_chf >= 0", name="limit"),
    )


def _generations() -> None:
    op.create_table(
        "generations",
        *owned(),
        *columns(
            "status text, progress integer, stage text null, sequence integer, engine text, mode text, prompt text, "
            "duration_seconds integer, instrumental boolean, lyrics text null, seed_track_id text null, "
            "style_tags jsonb, title text null, seed bigint, loop boolean, idempotency_key text null, "
            "fingerprint text, cost_chf numeric(14,4), attempts integer, fence integer, "
            "lease_expires_at timestamptz null, cancel_requested_at timestamptz null, error_message text null, "
            "refusal_reason text null, created_at timestamptz, started_at timestamptz null, "
            "finished_at timestamptz null"
        ),
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
        Index(None, "seed_track_id"),
    )


def _tracks() -> None:
    op.create_table(
        "tracks",
        *owned(),
        reference("generation_id", "generations"),
        *columns(
            "title text null, engine text, engine_version text, mode text, seed bigint, instrumental boolean, "
            "measured_duration_seconds float8 null, tempo_bpm float8 null, key text null, metre text null, "
            "style text null, loudness_lufs float8 null, true_peak_dbtp float8 null, chords jsonb, sections jsonb, "
            "report jsonb, palette jsonb, continuation jsonb null, licence_class text, licence_version text, "
            "commercial_use boolean, requires_attribution boolean, created_at timestamptz, "
            "deleted_at timestamptz null"
        ),
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
        *columns("blob_key text, media_type text, size_bytes integer"),
        one_of("role", "master", "score", "stem", "waveform"),
        CheckConstraint("size_bytes > 0", name="size"),
        Index(None, "blob_key"),
    )


def _collections() -> None:
    op.create_table(
        "collections",
        *owned(),
        *columns("name text, description text null"),
        reference("cover_track_id", "tracks", nullable=True, index=True),
        *columns(
            "cover_image_url text null, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz null"
        ),
        Index("ix_collections_owner", *OWNER),
    )
    op.create_table(
        "collection_tracks",
        reference("collection_id", "collections", primary_key=True),
        reference("track_id", "tracks", primary_key=True, index=True),
        *columns("position integer, added_at timestamptz"),
        CheckConstraint("position >= 0", name="position"),
        UniqueConstraint("collection_id", "position", deferrable=True, initially="DEFERRED"),
    )


def _share_links() -> None:
    op.create_table(
        "share_links",
        *owned(),
        *columns("target_type text"),
        reference("track_id", "tracks", nullable=True, index=True),
        reference("collection_id", "collections", nullable=True, index=True),
        *columns(
            "visibility text, token_digest bytea, created_at timestamptz, expires_at timestamptz null, "
            "revoked_at timestamptz null"
        ),
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
        *columns("source text"),
        reference("share_link_id", "share_links", nullable=True, index=True),
        *columns("created_at timestamptz"),
        one_of("source", "own", "shared"),
        UniqueConstraint("user_id", "track_id"),
        Index("ix_library_entries_owner", *OWNER),
    )
    op.create_table(
        "share_accesses",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        *columns("resolved_at timestamptz, client_ip text, token_digest bytea, outcome text"),
        reference("share_link_id", "share_links", nullable=True, index=True),
        one_of("outcome", "limited", "not_found", "resolved", "unavailable"),
        Index(None, "resolved_at"),
    )
