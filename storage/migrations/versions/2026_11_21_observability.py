"""Trace context of jobs, and an index for statistics of ended jobs.

Revision ID: 2026_11_21_observability
Revises: 2026_11_21_dispatch
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_observability"
down_revision = "2026_11_21_dispatch"


def upgrade() -> None:
    op.add_column("generations", sa.Column("trace_parent", sa.Text()))
    op.create_index("ix_generations_ended", "generations", ["finished_at"])
