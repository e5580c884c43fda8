"""Scopes of API keys.

Revision ID: 2026_11_25_door
Revises: 2026_11_21_webhooks
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_25_door"
down_revision = "2026_11_21_webhooks"


def upgrade() -> None:
    # servers of the previous version insert keys without scopes
    op.add_column("api_keys", sa.Column("scopes", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False))
