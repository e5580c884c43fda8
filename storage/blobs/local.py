"""Blob store in a folder: sharded by hash, written by an atomic rename, served by this server."""

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, ParamSpec, TypeVar

from core import file_sync
from core.disk_space import DISK_FULL_ERRNOS
from core.errors import Unavailable
from storage.blobs import content_hash
from storage.blobs.port import Blob, BlobNotFound
from storage.blobs.signed_urls import UrlSigner

Args = ParamSpec("Args")
Result = TypeVar("Result")

_COPY_BYTES: Final = 1 << 20
_READ_BYTES: Final = 1 << 14  # small, because each download holds two blocks
_PARTS: Final = ".parts"
_PART_SECONDS: Final = 86_400
"""Age of a temporary file from which its process counts as killed."""


class LocalBlobs:
    """A blob store that several processes may share."""

    def __init__(self, folder: Path, url_signer: UrlSigner, min_free_bytes: int = 0) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._url_signer = url_signer

    @property
    def download_origin(self) -> str | None:
        return None

    async def put(self, source: Path, suffix: str) -> Blob:
        return await _in_thread(self._put, source, suffix)

    async def stat(self, key: str) -> Blob:
        return await _in_thread(self._stat, content_hash.validate(key))

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """A read that has begun continues if the blob is deleted."""
        with await self._open_in_thread(content_hash.validate(key)) as file:
            stop = os.fstat(file.fileno()).st_size if end is None else end
            while start < stop and (block := await _read_block(file, start, min(_READ_BYTES, stop - start))):
                start += len(block)
                yield block

    async def walk(self) -> AsyncIterator[Blob]:
        for shard in await _in_thread(_names, self._folder / "sha256"):
            for name in await _in_thread(_names, self._folder / "sha256" / shard):
                key = f"sha256/{shard}/{name}"
                with suppress(BlobNotFound):
                    yield await self.stat(key)

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
        return self._url_signer.url(
            content_hash.validate(key),
            filename,
            expires_at,
            scope_id,
            is_attachment=is_attachment,
            base_url=base_url,
        )

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        return content_hash.is_key(key) and await _in_thread(self._delete, key, unless_put_since)

    async def check(self) -> None:
        await _in_thread(self._folder.mkdir, parents=True, exist_ok=True)
        if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            raise Unavailable("The storage folder cannot be read and written by this user")
        await self.check_space()

    async def check_space(self) -> None:
        # a missing folder is created by ``put``, unless it is a disk that is not mounted; reads then fail
        with suppress(FileNotFoundError):
            if (await asyncio.to_thread(shutil.disk_usage, self._folder)).free < self._min_free_bytes:
                raise Unavailable("The disk of the storage folder is full")

    async def close(self) -> None:
        """See BlobStore."""

    def _put(self, source: Path, suffix: str) -> Blob:
        key = content_hash.key_of_file(source, suffix)
        target = self._folder / content_hash.validate(key)
        _make_folder(target.parent)
        if not self._renew(target):
            self._copy(source, target)
        file_sync.sync(target.parent)
        return self._stat(key)

    def _stat(self, key: str) -> Blob:
        with self._translate_not_found(key):
            status = (self._folder / key).stat()
        return Blob(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    async def _open_in_thread(self, key: str) -> BinaryIO:
        opening = asyncio.create_task(_in_thread(self._open, key))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # the client has disconnected: a file that the thread opens after all has no reader
            opening.add_done_callback(_close_opened)
            raise

    def _open(self, key: str) -> BinaryIO:
        with self._translate_not_found(key):
            return (self._folder / key).open("rb")

    def _renew(self, target: Path) -> bool:
        """Set the time of an existing blob to now; return False if it is missing."""
        with self._locked():
            try:
                os.utime(target)
            except FileNotFoundError:
                return False
        return True

    def _copy(self, source: Path, target: Path) -> None:
        """Sync a copy to the disk before it gets its final name, so that readers see it whole or not at all."""
        parts = self._folder / _PARTS
        parts.mkdir(exist_ok=True)
        _remove_stale(parts)
        handle, name = tempfile.mkstemp(dir=parts)
        try:
            with source.open("rb") as reader, os.fdopen(handle, "wb") as writer:
                shutil.copyfileobj(reader, writer, _COPY_BYTES)
                writer.flush()
                os.fsync(writer.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _delete(self, key: str, unless_put_since: datetime | None) -> bool:
        with self._locked(), suppress(BlobNotFound):
            if unless_put_since is None or self._stat(key).put_at < unless_put_since:
                with self._translate_not_found(key):
                    (self._folder / key).unlink()
                return True
        return False

    @contextmanager
    def _translate_not_found(self, key: str) -> Iterator[None]:
        """Raise BlobNotFound for a missing file, unless the whole folder is missing."""
        try:
            yield
        except FileNotFoundError:
            if not self._folder.is_dir():
                raise
            raise BlobNotFound(key) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the folder between processes, so that none deletes a blob that another one renews."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


async def _in_thread(work: Callable[Args, Result], *args: Args.args, **options: Args.kwargs) -> Result:
    """Run blocking I/O in a thread. Raises Unavailable for an OSError."""
    try:
        return await asyncio.to_thread(work, *args, **options)
    except OSError as error:
        if error.errno in DISK_FULL_ERRNOS:
            raise Unavailable("The disk of the storage folder is full") from error
        raise Unavailable(f"The storage folder cannot be used ({error.strerror})") from error


def _close_opened(opening: asyncio.Task[BinaryIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


async def _read_block(file: BinaryIO, start: int, size: int) -> bytes:
    """Read from the page cache if the block is there, otherwise from the disk in a thread."""
    block = _read_cached(file.fileno(), start, size)
    if block is None:
        return await _in_thread(os.pread, file.fileno(), size, start)
    await asyncio.sleep(0)  # lets other tasks run between blocks
    return block


def _read_cached(handle: int, start: int, size: int) -> bytes | None:
    """Read without blocking; return None if the block is not cached or the system does not support this."""
    if not hasattr(os, "RWF_NOWAIT"):
        return None
    buffer = bytearray(size)
    try:
        return bytes(buffer[: os.preadv(handle, [buffer], start, os.RWF_NOWAIT)])
    except OSError:
        return None


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _make_folder(folder: Path) -> None:
    """Create a folder with its parents, each synced to the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    file_sync.sync(folder.parent)


def _remove_stale(parts: Path) -> None:
    """Remove temporary files of killed processes."""
    for part in parts.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _PART_SECONDS:
                part.unlink()
