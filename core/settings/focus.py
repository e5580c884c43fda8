"""Focus sessions."""

from typing import Annotated

from pydantic import Field, PositiveInt

from core.settings.values import Section


class FocusSettings(Section):
    """Focus sessions."""

    look_ahead: PositiveInt = 3
    """Segments that are rendered ahead of the one that plays."""
    idle_seconds: PositiveInt = 600
    """Seconds without a request after which a session renders no further segments."""
    stream_seconds: PositiveInt = 86_400
    """Lifetime of the URL of a session's stream, in seconds."""
    stream_wait_seconds: Annotated[float, Field(ge=0, le=60)] = 15
    """Seconds for which the first request of a stream waits for its first segment; then the response is 503 with
    `Retry-After`. Players give up after 20 seconds."""
