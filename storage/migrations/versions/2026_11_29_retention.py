"""The time when a file of a track was removed, from which its record is kept.

Revision ID: 2026_11_29_retention
Revises: 2026_11_29_webhook_rotation
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_retention"
down_revision = "2026_11_29_webhook_rotation"


def upgrade() -> None:
    removed_at = sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    op.add_column("forgotten_files", removed_at)
