"""Browser sessions and sign-in codes beside API keys.

Revision ID: 2026_12_02_sessions
Revises: 2026_12_01_controls
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import one_of

revision = "2026_12_02_sessions"
down_revision = "2026_12_01_controls"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("kind", sa.Text(), nullable=False, server_default="key"))
    op.create_check_constraint("kind", "api_keys", one_of("kind", "key", "session", "sign_in_code").sqltext)
    op.create_check_constraint("expiry", "api_keys", "kind = 'key' OR expires_at IS NOT NULL")
