"""Viewers, members that left, memberships that tokens claim, disabled users.

Revision ID: 2026_11_29_members
Revises: 2026_11_29_retention
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.ddl import add_columns, one_of

revision = "2026_11_29_members"
down_revision = "2026_11_29_retention"


def upgrade() -> None:
    op.drop_constraint("ck_memberships_role", "memberships")
    op.create_check_constraint("role", "memberships", one_of("role", "admin", "member", "viewer").sqltext)
    op.add_column("memberships", sa.Column("is_claimed", sa.Boolean(), nullable=False, server_default=sa.false()))
    add_columns("memberships", "ended_at timestamptz null")
    add_columns("users", "disabled_at timestamptz null")
