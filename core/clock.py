"""Time: aware UTC datetimes inside the product, ISO 8601 with Z and whole seconds outside."""

from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter

_SERIALIZER: Final = TypeAdapter(datetime).serializer
_LENGTH: Final = len("2026-06-28T10:30:00")


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Format as ``2026-06-28T10:30:00Z``: UTC, whole seconds."""
    # lists contain many times, and isoformat takes twice as long
    text: str = _SERIALIZER.to_python(moment.astimezone(UTC), mode="json")
    return f"{text[:_LENGTH]}Z"
