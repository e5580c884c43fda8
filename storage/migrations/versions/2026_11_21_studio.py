"""Initial schema.

Revision ID: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_api_keys_digest")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"], unique=False)
    op.create_table(
        "generations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("duration_seconds", sa.Integer(), nullable=False),
        sa.Column("instrumental", sa.Boolean(), nullable=False),
        sa.Column("lyrics", sa.Text(), nullable=True),
        sa.Column("seed_track_id", sa.Text(), nullable=True),
        sa.Column("style_tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("loop", sa.Boolean(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("cost_chf", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(error_message IS NULL) OR (status = 'failed')", name=op.f("ck_generations_error_message")),
        sa.CheckConstraint(
            "(refusal_reason IS NULL) OR (status = 'refused')", name=op.f("ck_generations_refusal_reason")
        ),
        sa.CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_generations_lease")),
        sa.CheckConstraint("(status = 'succeeded') <= (progress = 100)", name=op.f("ck_generations_success_is_whole")),
        sa.CheckConstraint(
            "(status IN ('cancelled', 'failed', 'refused', 'succeeded')) = (finished_at IS NOT NULL)",
            name=op.f("ck_generations_finished"),
        ),
        sa.CheckConstraint("mode IN ('creation', 'focus')", name=op.f("ck_generations_mode")),
        sa.CheckConstraint(
            "status IN ('cancelled', 'failed', 'queued', 'refused', 'running', 'succeeded')",
            name=op.f("ck_generations_status"),
        ),
        sa.CheckConstraint(
            "duration_seconds > 0 AND cost_chf >= 0 AND attempts >= 0 AND fence >= 0",
            name=op.f("ck_generations_positive"),
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_generations_progress")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_generations_organization_id")),
        sa.ForeignKeyConstraint(["seed_track_id"], ["tracks.id"], name="fk_generations_seed_track_id", use_alter=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_generations_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
        sa.UniqueConstraint(
            "organization_id",
            "user_id",
            "idempotency_key",
            name=op.f("uq_generations_organization_id_user_id_idempotency_key"),
        ),
    )
    op.create_index(
        "ix_generations_due",
        "generations",
        ["created_at"],
        unique=False,
        postgresql_where="status IN ('queued', 'running')",
    )
    op.create_index(
        "ix_generations_owner", "generations", ["organization_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_generations_seed_track_id"), "generations", ["seed_track_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'member')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "spend_limits",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("limit_chf", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.CheckConstraint("period IN ('day', 'month', 'week')", name=op.f("ck_spend_limits_period")),
        sa.CheckConstraint("limit_chf >= 0", name=op.f("ck_spend_limits_limit")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_spend_limits_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "period", name=op.f("pk_spend_limits")),
    )
    op.create_table(
        "tracks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("engine_version", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("instrumental", sa.Boolean(), nullable=False),
        sa.Column("measured_duration_seconds", sa.Float(), nullable=True),
        sa.Column("tempo_bpm", sa.Float(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("metre", sa.Text(), nullable=True),
        sa.Column("style", sa.Text(), nullable=True),
        sa.Column("loudness_lufs", sa.Float(), nullable=True),
        sa.Column("true_peak_dbtp", sa.Float(), nullable=True),
        sa.Column("chords", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("palette", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("continuation", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("licence_class", sa.Text(), nullable=False),
        sa.Column("licence_version", sa.Text(), nullable=False),
        sa.Column("commercial_use", sa.Boolean(), nullable=False),
        sa.Column("requires_attribution", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "commercial_use = (licence_class IN ('commercial_cleared', 'commercial_enterprise'))",
            name=op.f("ck_tracks_licence_is_true"),
        ),
        sa.CheckConstraint(
            "licence_class IN ('commercial_cleared', 'commercial_enterprise', 'personal_only', 'unclear')",
            name=op.f("ck_tracks_licence_class"),
        ),
        sa.CheckConstraint("mode IN ('creation', 'focus')", name=op.f("ck_tracks_mode")),
        sa.CheckConstraint("measured_duration_seconds > 0", name=op.f("ck_tracks_duration")),
        sa.ForeignKeyConstraint(["generation_id"], ["generations.id"], name=op.f("fk_tracks_generation_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_tracks_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tracks_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracks")),
        sa.UniqueConstraint("generation_id", name=op.f("uq_tracks_generation_id")),
    )
    op.create_index("ix_tracks_owner", "tracks", ["organization_id", "user_id", "created_at", "id"], unique=False)
    op.create_table(
        "collections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("cover_track_id", sa.Text(), nullable=True),
        sa.Column("cover_image_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cover_track_id"], ["tracks.id"], name=op.f("fk_collections_cover_track_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_collections_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_collections_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
    )
    op.create_index(op.f("ix_collections_cover_track_id"), "collections", ["cover_track_id"], unique=False)
    op.create_index(
        "ix_collections_owner", "collections", ["organization_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "track_files",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blob_key", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('master', 'score', 'stem', 'waveform')", name=op.f("ck_track_files_role")),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_track_files_size")),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_track_files_track_id")),
        sa.PrimaryKeyConstraint("track_id", "role", "name", name=op.f("pk_track_files")),
    )
    op.create_index(op.f("ix_track_files_blob_key"), "track_files", ["blob_key"], unique=False)
    op.create_table(
        "collection_tracks",
        sa.Column("collection_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_collection_tracks_position")),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name=op.f("fk_collection_tracks_collection_id")),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_collection_tracks_track_id")),
        sa.PrimaryKeyConstraint("collection_id", "track_id", name=op.f("pk_collection_tracks")),
        sa.UniqueConstraint(
            "collection_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_collection_tracks_collection_id_position"),
        ),
    )
    op.create_index(op.f("ix_collection_tracks_track_id"), "collection_tracks", ["track_id"], unique=False)
    op.create_table(
        "share_links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("collection_id", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(target_type = 'collection') = (collection_id IS NOT NULL)", name=op.f("ck_share_links_collection")
        ),
        sa.CheckConstraint("(target_type = 'track') = (track_id IS NOT NULL)", name=op.f("ck_share_links_track")),
        sa.CheckConstraint("target_type IN ('collection', 'track')", name=op.f("ck_share_links_target_type")),
        sa.CheckConstraint("visibility IN ('link_only', 'public')", name=op.f("ck_share_links_visibility")),
        sa.CheckConstraint("octet_length(token_digest) = 32", name=op.f("ck_share_links_token_digest")),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], name=op.f("fk_share_links_collection_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_share_links_organization_id")),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_share_links_track_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_share_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_share_links_token_digest")),
    )
    op.create_index(op.f("ix_share_links_collection_id"), "share_links", ["collection_id"], unique=False)
    op.create_index(
        "ix_share_links_owner", "share_links", ["organization_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_share_links_track_id"), "share_links", ["track_id"], unique=False)
    op.create_table(
        "library_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("share_link_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('own', 'shared')", name=op.f("ck_library_entries_source")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_library_entries_organization_id")
        ),
        sa.ForeignKeyConstraint(["share_link_id"], ["share_links.id"], name=op.f("fk_library_entries_share_link_id")),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_library_entries_track_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_library_entries_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_entries")),
        sa.UniqueConstraint("user_id", "track_id", name=op.f("uq_library_entries_user_id_track_id")),
    )
    op.create_index(
        "ix_library_entries_owner", "library_entries", ["organization_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_library_entries_share_link_id"), "library_entries", ["share_link_id"], unique=False)
    op.create_index(op.f("ix_library_entries_track_id"), "library_entries", ["track_id"], unique=False)
    op.create_table(
        "share_accesses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_ip", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("share_link_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('limited', 'not_found', 'resolved', 'unavailable')", name=op.f("ck_share_accesses_outcome")
        ),
        sa.ForeignKeyConstraint(["share_link_id"], ["share_links.id"], name=op.f("fk_share_accesses_share_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_accesses")),
    )
    op.create_index(op.f("ix_share_accesses_resolved_at"), "share_accesses", ["resolved_at"], unique=False)
    op.create_index(op.f("ix_share_accesses_share_link_id"), "share_accesses", ["share_link_id"], unique=False)
    op.create_foreign_key("fk_generations_seed_track_id", "generations", "tracks", ["seed_track_id"], ["id"])
