"""Exports, digests of removed files, and storage usage of organizations.

Revision ID: 2026_11_25_archives
Revises: 2026_11_25_papers
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_archives"
down_revision = "2026_11_25_papers"
branch_labels = None
depends_on = None

_COUNT = """
CREATE FUNCTION note_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owners text[];
    contents text[];
    sizes bigint[];
    steps integer[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(t.organization_id), array_agg(f.blob_key), array_agg(f.size_bytes), array_agg(1)
        INTO owners, contents, sizes, steps FROM added f JOIN tracks t ON t.id = f.track_id;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(t.organization_id), array_agg(f.blob_key), array_agg(f.size_bytes), array_agg(-1)
        INTO owners, contents, sizes, steps FROM removed f JOIN tracks t ON t.id = f.track_id;
    ELSE
        SELECT array_agg(t.organization_id), array_agg(f.blob_key), array_agg(f.size_bytes), array_agg(f.step)
        INTO owners, contents, sizes, steps
        FROM (SELECT *, 1 AS step FROM added UNION ALL SELECT *, -1 FROM removed) f JOIN tracks t ON t.id = f.track_id;
    END IF;
    IF owners IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO forgotten_files (track_id, role, name, digest, media_type, size_bytes)
        SELECT track_id, role, name, substring(blob_key FROM '[0-9a-f]{64}'), media_type, size_bytes FROM removed
        WHERE blob_key ~ '[0-9a-f]{64}'
        ON CONFLICT DO NOTHING;
    END IF;
    -- who changes the same organization's files waits here, and sees below what the other did
    INSERT INTO storage_uses (organization_id, size_bytes, file_count)
    SELECT DISTINCT unnest(owners), 0, 0 ORDER BY 1
    ON CONFLICT (organization_id) DO UPDATE SET size_bytes = storage_uses.size_bytes;
    WITH changed AS (
        SELECT owner, content, max(size) AS size, sum(step) AS step
        FROM unnest(owners, contents, sizes, steps) AS c (owner, content, size, step) GROUP BY owner, content
    ), counted AS (
        SELECT owner, size, step, (
            SELECT count(*) FROM track_files f JOIN tracks t ON t.id = f.track_id
            WHERE f.blob_key = content AND t.organization_id = owner
        ) AS uses FROM changed
    ), moved AS (
        SELECT owner, size, (uses > 0)::integer - (uses - step > 0)::integer AS step FROM counted
    ), summed AS (
        SELECT owner, sum(size * step) AS size, sum(step) AS files FROM moved GROUP BY owner
    )
    UPDATE storage_uses u SET size_bytes = u.size_bytes + size, file_count = u.file_count + files
    FROM summed WHERE u.organization_id = owner;
    RETURN NULL;
END
$$
"""

_TRIGGERS = {
    "INSERT": "REFERENCING NEW TABLE AS added",
    "DELETE": "REFERENCING OLD TABLE AS removed",
    "UPDATE": "REFERENCING NEW TABLE AS added OLD TABLE AS removed",
}

_UNTIL_NOW = """
INSERT INTO storage_uses (organization_id, size_bytes, file_count)
SELECT organization_id, sum(size_bytes), count(*) FROM (
    SELECT t.organization_id, max(f.size_bytes)::bigint AS size_bytes
    FROM track_files f JOIN tracks t ON t.id = f.track_id GROUP BY t.organization_id, f.blob_key
) AS contents GROUP BY organization_id
"""


def upgrade() -> None:
    op.add_column("generations", sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True))
    _exports()
    op.create_table(
        "forgotten_files",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["track_id"], ["tracks.id"], name=op.f("fk_forgotten_files_track_id")),
        sa.PrimaryKeyConstraint("track_id", "role", "name", "digest", name=op.f("pk_forgotten_files")),
    )
    op.create_index(op.f("ix_forgotten_files_digest"), "forgotten_files", ["digest"])
    op.create_table(
        "storage_uses",
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_storage_uses_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_storage_uses")),
    )
    op.execute(_COUNT)
    for event, tables in _TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER note_files_{event.lower()} AFTER {event} ON track_files {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_files()"
        )
    op.execute(_UNTIL_NOW)


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blob_key", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("track_count", sa.Integer(), nullable=True),
        sa.Column("missing_count", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('failed', 'queued', 'running', 'succeeded')", name=op.f("ck_exports_status")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_exports_progress")),
        sa.CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name=op.f("ck_exports_lease")),
        sa.CheckConstraint(
            "(status IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)", name=op.f("ck_exports_finished")
        ),
        sa.CheckConstraint("(status = 'succeeded') = (expires_at IS NOT NULL)", name=op.f("ck_exports_expires")),
        sa.CheckConstraint("(blob_key IS NULL) OR (status = 'succeeded')", name=op.f("ck_exports_blob")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_exports_organization_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exports_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    making = sa.text("status IN ('queued', 'running')")
    op.create_index("ix_exports_owner", "exports", ["organization_id", "user_id", "created_at", "id"])
    op.create_index(op.f("ix_exports_blob_key"), "exports", ["blob_key"])
    op.create_index("ix_exports_due", "exports", ["created_at"], postgresql_where=making)
    op.create_index("ux_exports_making", "exports", ["user_id"], unique=True, postgresql_where=making)
