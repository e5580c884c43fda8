"""Webhooks: what an organization can be told of, and when a call that failed is tried again."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class WebhookEvent(StrEnum):
    """What happened."""

    GENERATION_SUCCEEDED = "generation.succeeded"  # its track exists
    GENERATION_FAILED = "generation.failed"  # given up, nothing is charged
    GENERATION_CANCELLED = "generation.cancelled"  # taken back
    GENERATION_REFUSED = "generation.refused"  # policy said no
    FOCUS_SEGMENT_READY = "focus_segment.ready"  # another segment of a focus session can be played


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"  # to be tried, perhaps again
    DELIVERED = "delivered"  # answered with 2xx
    FAILED = "failed"  # given up; may be asked for again


_DELAYS: Final = (
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
"""Between tries: ten tries within a day."""

MAX_WEBHOOKS: Final = 10
"""An organization's at most."""

KEPT_ATTEMPTS: Final = 20
"""The newest attempts of a delivery that are kept."""


def delay(attempts: int) -> timedelta | None:
    """How long to wait after so many failed tries (1 or more); None to give up."""
    return _DELAYS[attempts - 1] if attempts <= len(_DELAYS) else None
