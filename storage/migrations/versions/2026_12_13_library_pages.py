"""The index of library pages with the tracks of the entries.

Revision ID: 2026_12_13_library_pages
Revises: 2026_12_12_library_order
"""

from alembic import op

from storage.migrations.ddl import OWNER

revision = "2026_12_13_library_pages"
down_revision = "2026_12_12_library_order"

_TABLE = "library_entries"


def upgrade() -> None:
    op.create_index("ix_library_entries_page", _TABLE, OWNER, postgresql_include=["track_id"])
    op.drop_index("ix_library_entries_owner", _TABLE)
