"""Folded search vectors of library entries. ``storage.migrations.library_search`` fills them after the migration.

Revision ID: 2026_11_30_search
Revises: 2026_11_30_origins
"""

from alembic import op

from storage.migrations.ddl import add_columns

revision = "2026_11_30_search"
down_revision = "2026_11_30_origins"


def upgrade() -> None:
    add_columns("library_entries", "search tsvector null")
    op.create_index("ix_library_entries_search", "library_entries", ["search"], postgresql_using="gin")
    op.create_index("ix_library_entries_unindexed", "library_entries", ["id"], postgresql_where="search IS NULL")
