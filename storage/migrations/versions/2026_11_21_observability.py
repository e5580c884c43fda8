"""Trace context of jobs, and an index for statistics of ended jobs.

Revision ID: 2026_11_21_observability
Revises: 2026_11_21_dispatch
"""

from alembic import op

from storage.migrations import ddl

revision = "2026_11_21_observability"
down_revision = "2026_11_21_dispatch"


def upgrade() -> None:
    ddl.add_columns("generations", "trace_parent text null")
    op.create_index("ix_generations_ended", "generations", ["finished_at"])
