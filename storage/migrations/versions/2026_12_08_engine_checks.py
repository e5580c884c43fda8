"""Health checks of remote engines.

Revision ID: 2026_12_08_engine_checks
Revises: 2026_12_07_remote
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import columns, key, one_of

revision = "2026_12_08_engine_checks"
down_revision = "2026_12_07_remote"


def upgrade() -> None:
    op.create_table(
        "engine_checks",
        *key("engine"),
        *columns(
            "next_check_at timestamptz, checked_at timestamptz null, result text null, message text, "
            "available_at timestamptz null, jobs_ahead integer null, seconds_per_job float8 null"
        ),
        one_of("result", "available", "not_checked", "unavailable"),
        sa.CheckConstraint("(result IS NULL) = (checked_at IS NULL)", name="checked"),
        sa.CheckConstraint("jobs_ahead >= 0 AND seconds_per_job >= 0", name="positive"),
    )
