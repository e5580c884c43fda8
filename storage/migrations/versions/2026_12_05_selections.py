"""Exports of selected tracks.

Revision ID: 2026_12_05_selections
Revises: 2026_12_04_claims
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_12_05_selections"
down_revision = "2026_12_04_claims"


def upgrade() -> None:
    op.add_column("exports", sa.Column("track_ids", JSONB(), nullable=True))
