"""Time as the product speaks it: aware UTC inside, ISO 8601 with Z and whole seconds outside."""

from datetime import UTC, datetime
from typing import Final

_ISO: Final = "%04d-%02d-%02dT%02d:%02d:%02dZ"


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """``2026-06-28T10:30:00Z``: UTC, whole seconds."""
    at = moment.astimezone(UTC)
    # lists tell many moments: isoformat takes twice as long, most of it for an offset that is known
    return _ISO % (at.year, at.month, at.day, at.hour, at.minute, at.second)
