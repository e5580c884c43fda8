"""Webhook events, delivery states and the retry schedule."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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


_MAX_DIGITS: Final = 9

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

MAX_RETRY_AFTER: Final = _RETRY_DELAYS[-1]
"""Longest delay that a receiver can request with ``Retry-After``."""

MAX_ROTATION: Final = timedelta(days=7)
"""Longest time in which deliveries are signed with the previous secret too."""

MAX_WEBHOOKS: Final = 10
"""Most webhooks of one organization."""

MAX_STORED_ATTEMPTS: Final = 20
"""Most attempts that are stored with a delivery; the oldest are dropped."""


def retry_delay(attempts: int, retry_after: timedelta = timedelta()) -> timedelta | None:
    """Return the delay before the next attempt after ``attempts`` failures (1 or more), or None to stop.

    ``retry_after`` is the least delay that the receiver requested.
    """
    if attempts > len(_RETRY_DELAYS):
        return None
    return max(_RETRY_DELAYS[attempts - 1], min(retry_after, MAX_RETRY_AFTER))


def parse_retry_after(value: str | None, now: datetime) -> timedelta:
    """Return the delay in a ``Retry-After`` header: seconds or an HTTP date (RFC 9110). Zero if missing or invalid."""
    if value is None:
        return timedelta()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:_MAX_DIGITS]), MAX_RETRY_AFTER.total_seconds()))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return timedelta()
    return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())
