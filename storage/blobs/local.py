"""Blobs in a folder: sharded by hash, put in place by an atomic rename, handed out by links signed with HMAC."""

import asyncio
import hashlib
import hmac
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from core import clock
from core.errors import Unavailable
from storage.blobs.port import Blob, BlobNotFound

PATH: Final = "/media/"
"""Where the server answers the links of this store."""

_KEY: Final = re.compile(r"sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})(\.[a-z0-9]{1,8})", re.ASCII)
_BLOCK: Final = 1 << 20


class LocalBlobs:
    """See BlobStore. ``public_url`` is the base of the links, ``signing_key`` their secret."""

    def __init__(self, folder: Path, public_url: str, signing_key: bytes) -> None:
        self._folder = folder
        self._public_url = public_url
        self._signing_key = signing_key

    async def put(self, source: Path, suffix: str) -> Blob:
        """See BlobStore."""
        try:
            return await asyncio.to_thread(self._put, source, suffix)
        except OSError as error:
            raise Unavailable(f"Blob store cannot be written ({error.strerror})") from error

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """See BlobStore."""
        path = self.path(key)
        with await asyncio.to_thread(path.open, "rb") as file:
            while block := await asyncio.to_thread(file.read, _BLOCK):
                yield block

    async def url(self, key: str, filename: str, expires_at: datetime) -> str:
        """See BlobStore."""
        expires = int(expires_at.timestamp())
        query = urlencode({"name": filename, "expires": expires, "signature": self._sign(key, filename, expires)})
        return f"{self._public_url}{PATH}{quote(key)}?{query}"

    async def delete(self, key: str) -> None:
        """See BlobStore."""
        if _KEY.fullmatch(key):
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)

    async def check(self) -> None:
        """See BlobStore."""
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"Blob store cannot be used ({error.strerror})") from error
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise Unavailable("Blob store cannot be written")

    def is_valid(self, key: str, filename: str, expires: str, signature: str) -> bool:
        """Whether a link was signed here for exactly this and is not over yet."""
        if not (expires.isascii() and expires.isdigit() and len(expires) < 12):  # noqa: PLR2004  the year 5138
            return False
        expected = self._sign(key, filename, int(expires))
        is_ours = hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
        return is_ours and clock.now().timestamp() < int(expires)

    def path(self, key: str) -> Path:
        """The file of a key. Raises BlobNotFound, also for text that is no key at all."""
        path = self._folder / key
        if not _KEY.fullmatch(key) or not path.is_file():
            raise BlobNotFound(key)
        return path

    def _sign(self, key: str, filename: str, expires: int) -> str:
        message = f"GET\n{key}\n{filename}\n{expires}".encode(errors="replace")
        return hmac.new(self._signing_key, message, hashlib.sha256).hexdigest()

    def _put(self, source: Path, suffix: str) -> Blob:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        key = f"sha256/{digest[:2]}/{digest}{suffix}"
        target = self._folder / key
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy_atomically(source, target)
        return Blob(key, target.stat().st_size)


def _copy_atomically(source: Path, target: Path) -> None:
    """A reader sees the whole file or none; what stands under a real name has reached the disk."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with source.open("rb") as reader, os.fdopen(handle, "wb") as writer:
            shutil.copyfileobj(reader, writer, _BLOCK)
            writer.flush()
            os.fsync(writer.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
