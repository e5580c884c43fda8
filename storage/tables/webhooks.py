"""Webhooks and their outbox of deliveries."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.webhooks import DeliveryStatus
from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class Webhook(OwnedRow, table=True):
    """A webhook URL of an organization. Secrets sign deliveries and are therefore stored in clear text.

    The previous secret signs as well until it expires. A disabled webhook receives no deliveries.
    """

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_owner", "organization_id", "created_at", "id"),)

    url: str = Field(sa_type=Text)
    events: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    secret: str = Field(sa_type=Text)
    previous_secret: str | None = Field(default=None, sa_type=Text)
    previous_secret_expires_at: datetime | None = timestamp(is_nullable=True)
    disabled_at: datetime | None = timestamp(is_nullable=True)
    disabled_reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
    deleted_at: datetime | None = timestamp(is_nullable=True)


class WebhookDelivery(SQLModel, table=True):
    """An event for one webhook or for the callback of a generation, inserted in the transaction that caused it.

    ``attempts`` contains the newest tries.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        enum_check("status", DeliveryStatus),
        CheckConstraint("(status = 'pending') = (next_attempt_at IS NOT NULL)", name="pending"),
        CheckConstraint("num_nonnulls(webhook_id, generation_id) = 1", name="target"),
        Index("ix_webhook_deliveries_due", "next_attempt_at", postgresql_where="status = 'pending'"),
        Index("ix_webhook_deliveries_webhook", "webhook_id", "created_at", "id"),
        Index("ux_webhook_deliveries_generation", "generation_id", unique=True),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    webhook_id: str | None = Field(default=None, foreign_key="webhooks.id", sa_type=Text)
    generation_id: str | None = Field(default=None, foreign_key="generations.id", sa_type=Text)
    event: str = Field(sa_type=Text)
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    status: DeliveryStatus = Field(default=DeliveryStatus.PENDING, sa_type=EnumText(DeliveryStatus))
    tries: int = 0
    attempts: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    next_attempt_at: datetime | None = timestamp(is_nullable=True)
    created_at: datetime = timestamp()
