"""The blob port: what a back-end must do, whichever it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class BlobNotFound(Exception):  # noqa: N818  every back-end's one word for a missing object
    """There is no blob under this key."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: its key (``sha256/ab/<64 hex><suffix>``) and size."""

    key: str
    size_bytes: int


class BlobStore(Protocol):
    """Content-addressed storage. Raises BlobNotFound for a missing key, core's Unavailable when it is away."""

    async def put(self, source: Path, suffix: str) -> Blob:
        """Store a copy of the file under the hash of its content; "already there" is success. ``suffix`` as ".mp3"."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The content in blocks."""

    async def url(self, key: str, filename: str, expires_at: datetime) -> str:
        """A link that anybody may GET and HEAD until then; ``filename`` is what a browser saves it as."""

    async def delete(self, key: str) -> None:
        """Remove; a missing key is no error."""

    async def check(self) -> None:
        """Raise Unavailable when the store cannot be used."""
