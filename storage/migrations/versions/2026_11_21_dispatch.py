"""Fair dispatch and delayed retries.

Revision ID: 2026_11_21_dispatch
Revises: 2026_11_21_focus
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations import ddl

revision = "2026_11_21_dispatch"
down_revision = "2026_11_21_focus"


def upgrade() -> None:
    op.create_table("turns", *ddl.key("queue"), *ddl.columns("owner text"))
    ddl.add_columns("generations", "retry_at timestamptz null")
    op.create_index(
        "ix_generations_queue",
        "generations",
        ["organization_id", "user_id", sa.text("coalesce(session_id, '')"), "created_at", "id"],
        postgresql_where="status = 'queued'",
    )
    owner = ["organization_id", "user_id"]
    op.create_index("ix_generations_running", "generations", owner, postgresql_where="status = 'running'")
    op.drop_index("ix_generations_due", table_name="generations")
