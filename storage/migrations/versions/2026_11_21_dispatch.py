"""Fair dispatch and back-pressure.

Revision ID: 2026_11_21_dispatch
Revises: 2026_11_21_focus
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_dispatch"
down_revision = "2026_11_21_focus"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in with the tables it serves."""
