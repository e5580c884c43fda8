"""The windows that spending is counted in, aligned in UTC."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Window(StrEnum):
    """How long is counted together."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def start(window: Window, now: datetime) -> datetime:
    """When the window around ``now`` began: midnight, Monday 00:00, or the first of the month."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match window:
        case Window.DAY:
            return midnight
        case Window.WEEK:
            return midnight - timedelta(days=midnight.weekday())
        case Window.MONTH:
            return midnight.replace(day=1)


def end(window: Window, now: datetime) -> datetime:
    """When the next window begins."""
    begun = start(window, now)
    match window:
        case Window.DAY:
            return begun + timedelta(days=1)
        case Window.WEEK:
            return begun + timedelta(days=7)
        case Window.MONTH:
            return (begun + timedelta(days=32)).replace(day=1)
