"""Webhook events, delivery states and the retry schedule."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class WebhookEvent(StrEnum):
    GENERATION_SUCCEEDED = "generation.succeeded"  # its track exists
    GENERATION_FAILED = "generation.failed"  # failed permanently; nothing is charged
    GENERATION_CANCELLED = "generation.cancelled"  # cancelled by the caller
    GENERATION_REFUSED = "generation.refused"  # refused by the content policy
    FOCUS_SEGMENT_READY = "focus_segment.ready"  # a further segment of a focus session is playable


class DeliveryStatus(StrEnum):
    PENDING = "pending"  # to be attempted, for the first time or again
    DELIVERED = "delivered"  # the receiver responded with 2xx
    FAILED = "failed"  # all attempts failed; can be redelivered on request


_RETRY_DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=7),
    timedelta(hours=12),
)
"""Delays between attempts: ten attempts within a day."""

MAX_WEBHOOKS: Final = 10
"""Most webhooks of one organization."""

MAX_STORED_ATTEMPTS: Final = 20
"""Most attempts that are stored with a delivery; the oldest are dropped."""


def retry_delay(attempts: int) -> timedelta | None:
    """Return the delay before the next attempt after ``attempts`` failures (1 or more), or None to stop."""
    return _RETRY_DELAYS[attempts - 1] if attempts <= len(_RETRY_DELAYS) else None
