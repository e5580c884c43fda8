"""Time as the product speaks it: aware UTC inside, ISO 8601 with Z and whole seconds outside."""

from datetime import UTC, datetime
from typing import Final

_WHOLE_SECONDS: Final = len("2026-06-28T10:30:00")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """``2026-06-28T10:30:00Z``: UTC, whole seconds."""
    return f"{moment.astimezone(UTC).isoformat()[:_WHOLE_SECONDS]}Z"
