"""Tracks that are saved when they are ready, and the API key that started a browser session.

Revision ID: 2026_12_03_saving
Revises: 2026_12_02_sessions
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import reference

revision = "2026_12_03_saving"
down_revision = "2026_12_02_sessions"


def upgrade() -> None:
    op.add_column("generations", sa.Column("save_to_library", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("api_keys", reference("started_by_key_id", "api_keys", nullable=True))
    op.create_index("ix_api_keys_started_by_key_id", "api_keys", ["started_by_key_id"])
