"""Callbacks of single generations: their URL and secret, and deliveries without a webhook.

Revision ID: 2026_12_06_callbacks
Revises: 2026_12_05_selections
"""

from alembic import op

from storage.migrations.ddl import add_columns, reference

revision = "2026_12_06_callbacks"
down_revision = "2026_12_05_selections"


def upgrade() -> None:
    add_columns("generations", "callback_url text null, callback_secret text null")
    op.create_check_constraint("callback", "generations", "(callback_url IS NULL) = (callback_secret IS NULL)")
    has_callback = "callback_url IS NOT NULL"
    op.create_index("ix_generations_callback", "generations", ["finished_at"], postgresql_where=has_callback)
    op.alter_column("webhook_deliveries", "webhook_id", nullable=True)
    op.add_column("webhook_deliveries", reference("generation_id", "generations", nullable=True))
    op.create_check_constraint("target", "webhook_deliveries", "num_nonnulls(webhook_id, generation_id) = 1")
    op.create_index("ux_webhook_deliveries_generation", "webhook_deliveries", ["generation_id"], unique=True)
