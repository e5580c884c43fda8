"""Calendar windows of spend caps, aligned in UTC."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Window(StrEnum):
    """The length of a window."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def start(window: Window, now: datetime) -> datetime:
    """Return the start of the window around ``now``: midnight, Monday 00:00, or the first of the month."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match window:
        case Window.DAY:
            return midnight
        case Window.WEEK:
            return midnight - timedelta(days=midnight.weekday())
        case Window.MONTH:
            return midnight.replace(day=1)


def end(window: Window, now: datetime) -> datetime:
    """Return the end of the window around ``now``, which is the start of the next one."""
    begin = start(window, now)
    match window:
        case Window.DAY:
            return begin + timedelta(days=1)
        case Window.WEEK:
            return begin + timedelta(days=7)
        case Window.MONTH:
            return (begin + timedelta(days=32)).replace(day=1)
