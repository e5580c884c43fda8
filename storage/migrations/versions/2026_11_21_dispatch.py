"""Fair dispatch and delayed retries.

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
    op.create_table(
        "turns",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_turns")),
    )
    op.add_column("generations", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_generations_queue",
        "generations",
        ["organization_id", "user_id", sa.text("coalesce(session_id, '')"), "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_generations_running",
        "generations",
        ["organization_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_index("ix_generations_due", table_name="generations")
