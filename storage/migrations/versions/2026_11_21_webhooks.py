"""Webhooks and their outbox.

Revision ID: 2026_11_21_webhooks
Revises: 2026_11_21_observability
"""

from alembic import op
from sqlalchemy import CheckConstraint, Index

from storage.migrations.ddl import columns, key, one_of, owned, reference

revision = "2026_11_21_webhooks"
down_revision = "2026_11_21_observability"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        *owned(),
        *columns("url text, events jsonb, secret text, created_at timestamptz, deleted_at timestamptz null"),
        Index("ix_webhooks_owner", "organization_id", "created_at", "id"),
    )
    op.create_table(
        "webhook_deliveries",
        *key("id"),
        reference("webhook_id", "webhooks"),
        *columns(
            "event text, payload jsonb, status text, tries integer, attempts jsonb, "
            "next_attempt_at timestamptz null, created_at timestamptz"
        ),
        CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="pending"),
        one_of("status", "delivered", "failed", "pending"),
        Index("ix_webhook_deliveries_due", "next_attempt_at", postgresql_where="status = 'pending'"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "created_at", "id"),
    )
