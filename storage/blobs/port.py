"""Interface of blob stores."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class BlobNotFound(Exception):  # noqa: N818  named like Unavailable and the other refusals
    """No blob has this key."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file, its key ``sha256/ab/<64 hex><suffix>``, and the time of the last ``put``."""

    key: str
    size_bytes: int
    put_at: datetime


class BlobStore(Protocol):
    """Content-addressed storage. Methods raise BlobNotFound for a missing key, Unavailable if the store fails.

    Put a blob before the row that references it is written. A cleanup of unreferenced blobs must spare recent ones and
    delete with ``unless_put_since``, so that it does not delete a blob that a concurrent ``put`` has found.
    """

    @property
    def download_origin(self) -> str | None:
        """Return the origin from which clients download directly; None if this server serves the blobs."""

    async def put(self, source: Path, suffix: str) -> Blob:
        """Store a copy of a file under the hash of its content, with a suffix such as ".mp3".

        If the blob exists, only ``put_at`` changes. A crash never leaves an incomplete blob under a key.
        """

    async def stat(self, key: str) -> Blob:
        """Return the metadata of a blob. Raises BlobNotFound."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` up to, excluding, ``end`` in blocks."""

    def walk(self) -> AsyncIterator[Blob]:
        """Yield all blobs, ordered by key."""

    async def url(
        self,
        key: str,
        filename: str,
        expires_at: datetime,
        scope_id: str,
        *,
        is_attachment: bool = False,
        base_url: str | None = None,
    ) -> str:
        """Return a signed URL to GET a blob of this organization until then, or until the store's maximum lifetime.

        Browsers save the file as ``filename``, and save an attachment without showing it. A URL of this server is under
        ``base_url``, by default the public URL of the settings.
        """

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        """Delete a blob; return False if it is missing or was put at or after this time."""

    async def check(self) -> None:
        """Raise Unavailable with a message for the operator if the store cannot be used. Health checks call this."""

    async def check_space(self) -> None:
        """Raise Unavailable if no more files can be stored. Workers call this before they render."""

    async def close(self) -> None:
        """Close threads and connections."""
