"""The client."""

import os
from types import TracebackType
from typing import Final, Self

from music_studio_client._async.account import Account
from music_studio_client._async.collections import Collections
from music_studio_client._async.focus import Focus
from music_studio_client._async.generations import Generations
from music_studio_client._async.library import Library
from music_studio_client._async.operations import Operations
from music_studio_client._async.reference_audios import ReferenceAudios
from music_studio_client._async.resources import Organization
from music_studio_client._async.shares import Shares
from music_studio_client._async.tracks import Tracks
from music_studio_client._async.webhooks import Webhooks

_DEFAULT_URL: Final = "http://127.0.0.1:8080"


class AsyncMusicStudio:
    """A connection to a Music Studio server, to be closed or used in a ``with`` block.

    ``url`` and ``api_key`` default to the environment variables MUSIC_STUDIO_URL and MUSIC_STUDIO_API_KEY;
    ``organization_id`` to the first organization of the key. Requests that the rate limit rejects are repeated
    ``retries`` times. ``operations`` sends them over another transport. All methods raise a subclass of `StudioError`.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        organization_id: str | None = None,
        *,
        timeout_seconds: float = 30,
        retries: int = 2,
        operations: Operations | None = None,
    ) -> None:
        self.url = url or os.environ.get("MUSIC_STUDIO_URL") or _DEFAULT_URL
        self._operations = operations or Operations(
            self.url, api_key or os.environ.get("MUSIC_STUDIO_API_KEY"), timeout_seconds, retries
        )
        organization = Organization(self._operations, organization_id)
        self.generations = Generations(self._operations, organization)
        self.tracks = Tracks(self._operations, organization)
        self.library = Library(self._operations, organization)
        self.collections = Collections(self._operations, organization)
        self.shares = Shares(self._operations, organization)
        self.focus = Focus(self._operations, organization)
        self.account = Account(self._operations, organization)
        self.reference_audios = ReferenceAudios(self._operations, organization)
        self.webhooks = Webhooks(self._operations, organization)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._operations.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
