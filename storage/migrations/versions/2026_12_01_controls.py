"""Explicit musical properties of a request beside its prompt.

Revision ID: 2026_12_01_controls
Revises: 2026_11_30_search
"""

from storage.migrations.ddl import add_columns

revision = "2026_12_01_controls"
down_revision = "2026_11_30_search"


def upgrade() -> None:
    add_columns("generations", "controls jsonb null")
