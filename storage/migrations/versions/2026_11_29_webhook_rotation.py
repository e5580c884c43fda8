"""Webhooks with a previous secret, which can be disabled by their receiver.

Revision ID: 2026_11_29_webhook_rotation
Revises: 2026_11_29_subjects
"""

from storage.migrations.ddl import add_columns

revision = "2026_11_29_webhook_rotation"
down_revision = "2026_11_29_subjects"


def upgrade() -> None:
    add_columns(
        "webhooks",
        "previous_secret text null, previous_secret_expires_at timestamptz null, disabled_at timestamptz null, "
        "disabled_reason text null",
    )
