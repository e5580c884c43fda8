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
    """A stored file: its key (``sha256/ab/<64 hex><suffix>``), its size, and when it was put last."""

    key: str
    size_bytes: int
    put_at: datetime


class BlobStore(Protocol):
    """Content-addressed storage. Raises BlobNotFound for a missing key, core's Unavailable when it is away.

    A blob is put before the row that names it is written. Who removes what no row names spares those put lately, and
    deletes with ``unless_put_since``: a put that found its blob in place is never undone.
    """

    async def put(self, source: Path, suffix: str) -> Blob:
        """Store a copy of the file under the hash of its content, ``suffix`` as ".mp3".

        "Already there" is success and renews ``put_at``. Under its key a blob is whole or absent, whatever dies.
        """

    async def stat(self, key: str) -> Blob:
        """What is known of a blob without reading it. Raises BlobNotFound."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The content from byte ``start`` to before ``end``, in blocks; never the whole file in memory."""

    def walk(self) -> AsyncIterator[Blob]:
        """Every blob there is, in the order of the keys."""

    async def url(
        self, key: str, filename: str, expires_at: datetime, organization_id: str, *, is_attachment: bool = False
    ) -> str:
        """A link that anybody may GET until then, on behalf of this organization; no longer than the store allows.

        ``filename`` is what a browser saves it as; an attachment it saves instead of showing it.
        """

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        """Remove; False when it was missing (no error), or spared because it was put at or after this time."""

    async def check(self) -> None:
        """Raise Unavailable when the store cannot be used, in a sentence for the operator. Quick: asked often."""

    async def close(self) -> None:
        """Let go of threads and connections."""
