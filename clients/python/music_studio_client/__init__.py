"""Client of Music Studio: `MusicStudio` blocks, `AsyncMusicStudio` is for asyncio; both have the same methods."""

from music_studio_client._async.client import AsyncMusicStudio
from music_studio_client._sync.client import MusicStudio
from music_studio_client._version import __version__
from music_studio_client.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    ExportFailedError,
    ForbiddenError,
    GenerationEndedError,
    InvalidInputError,
    NotFoundError,
    SpendCapError,
    StudioError,
    TemporaryError,
)

__all__ = [
    "ApiError",
    "AsyncMusicStudio",
    "AuthenticationError",
    "ConflictError",
    "ConnectionFailedError",
    "ExportFailedError",
    "ForbiddenError",
    "GenerationEndedError",
    "InvalidInputError",
    "MusicStudio",
    "NotFoundError",
    "SpendCapError",
    "StudioError",
    "TemporaryError",
    "__version__",
]
