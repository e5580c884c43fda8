"""Webhooks and their outbox.

Revision ID: 2026_11_21_webhooks
Revises: 2026_11_21_observability
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB

from storage.migrations.ddl import TEXT, TIMESTAMP, key, one_of, optional, owned, reference, required

revision = "2026_11_21_webhooks"
down_revision = "2026_11_21_observability"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        *owned(),
        *required(TEXT, "url"),
        *required(JSONB(), "events"),
        *required(TEXT, "secret"),
        *required(TIMESTAMP, "created_at"),
        *optional(TIMESTAMP, "deleted_at"),
        Index("ix_webhooks_owner", "organization_id", "created_at", "id"),
    )
    op.create_table(
        "webhook_deliveries",
        *key("id"),
        reference("webhook_id", "webhooks"),
        *required(TEXT, "event"),
        *required(JSONB(), "payload"),
        *required(TEXT, "status"),
        *required(sa.Integer(), "tries"),
        *required(JSONB(), "attempts"),
        *optional(TIMESTAMP, "next_attempt_at"),
        *required(TIMESTAMP, "created_at"),
        CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="pending"),
        one_of("status", "delivered", "failed", "pending"),
        Index("ix_webhook_deliveries_due", "next_attempt_at", postgresql_where="status = 'pending'"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "created_at", "id"),
    )
