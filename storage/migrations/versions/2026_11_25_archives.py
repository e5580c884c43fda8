"""Exports, digests of removed files, and storage usage of organizations.

Revision ID: 2026_11_25_archives
Revises: 2026_11_25_papers
"""

from alembic import op
from sqlalchemy import CheckConstraint, Index

from storage.migrations.ddl import OWNER, add_columns, columns, key, one_of, owned, reference

revision = "2026_11_25_archives"
down_revision = "2026_11_25_papers"

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
    add_columns("generations", "imported_at timestamptz null")
    _exports()
    op.create_table(
        "forgotten_files",
        reference("track_id", "tracks", primary_key=True),
        *key("role", "name", "digest"),
        *columns("media_type text, size_bytes bigint"),
        Index(None, "digest"),
    )
    op.create_table(
        "storage_uses",
        reference("organization_id", "organizations", primary_key=True),
        *columns("size_bytes bigint, file_count bigint"),
    )
    op.execute(_COUNT)
    for event, tables in _TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER note_files_{event.lower()} AFTER {event} ON track_files {tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_files()"
        )
    op.execute(_UNTIL_NOW)


def _exports() -> None:
    in_progress = "status IN ('queued', 'running')"
    op.create_table(
        "exports",
        *owned(),
        *columns(
            "status text, progress integer, attempts integer, fence integer, lease_expires_at timestamptz null, "
            "blob_key text null, size_bytes bigint null, track_count integer null, missing_count integer null, "
            "created_at timestamptz, finished_at timestamptz null, expires_at timestamptz null"
        ),
        one_of("status", "failed", "queued", "running", "succeeded"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("(status = 'running') = (lease_expires_at IS NOT NULL)", name="lease"),
        CheckConstraint("(status IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("(status = 'succeeded') = (expires_at IS NOT NULL)", name="expires"),
        CheckConstraint("(blob_key IS NULL) OR (status = 'succeeded')", name="blob"),
        Index("ix_exports_owner", *OWNER),
        Index("ix_exports_due", "created_at", postgresql_where=in_progress),
        Index("ux_exports_making", "user_id", unique=True, postgresql_where=in_progress),
        Index(None, "blob_key"),
    )
