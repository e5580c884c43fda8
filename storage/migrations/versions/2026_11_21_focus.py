"""Focus sessions and their segments.

Revision ID: 2026_11_21_focus
Revises: 2026_11_21_catalogue
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_focus"
down_revision = "2026_11_21_catalogue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the tables it serves."""
