"""Origins and receipts of imported tracks.

Revision ID: 2026_11_30_origins
Revises: 2026_11_29_members
"""

from alembic import op

from storage.migrations.ddl import add_columns, columns, reference

revision = "2026_11_30_origins"
down_revision = "2026_11_29_members"

_EARLIER_IMPORTS = """
UPDATE tracks SET origin = jsonb_build_object(
    'issuer', NULL, 'imported_at', to_char(g.imported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'is_verified', false, 'master_sha256', NULL
)
FROM generations g WHERE g.id = tracks.generation_id AND g.imported_at IS NOT NULL
"""
"""The issuer of these tracks, and whether their receipts were compared, is not known."""


def upgrade() -> None:
    add_columns("tracks", "origin jsonb null")
    op.create_table(
        "imported_receipts",
        reference("track_id", "tracks", primary_key=True),
        *columns("content text"),
    )
    op.execute(_EARLIER_IMPORTS)
