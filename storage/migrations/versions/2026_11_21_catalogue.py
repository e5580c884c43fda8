"""What makes a library pleasant: search, tags, favourites, covers.

Revision ID: 2026_11_21_catalogue
Revises: 2026_11_21
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_catalogue"
down_revision = "2026_11_21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the tables it serves."""
