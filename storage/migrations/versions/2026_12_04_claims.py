"""Organizations that an identity provider claimed when a browser session was started.

Revision ID: 2026_12_04_claims
Revises: 2026_12_03_saving
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_12_04_claims"
down_revision = "2026_12_03_saving"


def upgrade() -> None:
    column = sa.Column("claimed_organizations", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    op.add_column("api_keys", column)
