"""Blobs in a folder: sharded by hash, put in place by an atomic rename, handed out by links to our own server."""

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

from core.errors import Unavailable
from storage.blobs import content_hash
from storage.blobs.port import Blob, BlobNotFound
from storage.blobs.signed_urls import UrlSigner

Args = ParamSpec("Args")
Result = TypeVar("Result")

_COPY_BYTES: Final = 1 << 20
_READ_BYTES: Final = 1 << 14  # small: every listener holds two
_PARTS: Final = ".parts"
_PART_SECONDS: Final = 86_400
"""A copy under way for so long belongs to a process that was killed."""


class LocalBlobs:
    """See BlobStore. Several processes may share the folder. ``links`` of our own server lead to it."""

    def __init__(self, folder: Path, links: UrlSigner) -> None:
        self._folder = folder
        self._links = links

    async def put(self, source: Path, suffix: str) -> Blob:
        """See BlobStore."""
        return await _in_thread(self._put, source, suffix)

    async def stat(self, key: str) -> Blob:
        """See BlobStore."""
        return await _in_thread(self._stat, content_hash.validate(key))

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See BlobStore. Who has begun may finish, even if the blob is deleted meanwhile."""
        with await _in_thread(self._open, content_hash.validate(key)) as file:
            stop = os.fstat(file.fileno()).st_size if end is None else end
            while start < stop and (block := await _block(file, start, min(_READ_BYTES, stop - start))):
                start += len(block)
                yield block

    async def walk(self) -> AsyncIterator[Blob]:
        """See BlobStore."""
        for shard in await _in_thread(_names, self._folder / "sha256"):
            for name in await _in_thread(_names, self._folder / "sha256" / shard):
                key = f"sha256/{shard}/{name}"
                with suppress(BlobNotFound):
                    yield await self.stat(key)

    async def url(
        self, key: str, filename: str, expires_at: datetime, organization_id: str, *, is_attachment: bool = False
    ) -> str:
        """See BlobStore."""
        return self._links.url(
            content_hash.validate(key), filename, expires_at, organization_id, is_attachment=is_attachment
        )

    async def delete(self, key: str, *, unless_put_since: datetime | None = None) -> bool:
        """See BlobStore."""
        return content_hash.is_key(key) and await _in_thread(self._delete, key, unless_put_since)

    async def check(self) -> None:
        """See BlobStore."""
        await _in_thread(self._folder.mkdir, parents=True, exist_ok=True)
        if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            raise Unavailable("The storage folder cannot be read and written by this user")

    async def close(self) -> None:
        """See BlobStore."""

    def _put(self, source: Path, suffix: str) -> Blob:
        key = content_hash.key_of_file(source, suffix)
        target = self._folder / content_hash.validate(key)
        _make_folder(target.parent)
        if not self._renew(target):
            self._copy(source, target)
        _sync(target.parent)
        return self._stat(key)

    def _stat(self, key: str) -> Blob:
        with self._translate_not_found(key):
            found = (self._folder / key).stat()
        return Blob(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def _open(self, key: str) -> BinaryIO:
        with self._translate_not_found(key):
            return (self._folder / key).open("rb")

    def _renew(self, target: Path) -> bool:
        """Whether it is there; then, as if it had been put just now."""
        with self._locked():
            try:
                os.utime(target)
            except FileNotFoundError:
                return False
        return True

    def _copy(self, source: Path, target: Path) -> None:
        """A reader sees the whole file or none; what stands under a real name has reached the disk."""
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
        """A missing file is a missing blob, unless the whole folder is away."""
        try:
            yield
        except FileNotFoundError:
            if not self._folder.is_dir():
                raise
            raise BlobNotFound(key) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Between processes: nobody deletes what is being found in place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


async def _in_thread(work: Callable[Args, Result], *args: Args.args, **options: Args.kwargs) -> Result:
    """Disks block. Raises Unavailable for whatever the system has against it."""
    try:
        return await asyncio.to_thread(work, *args, **options)
    except OSError as error:
        raise Unavailable(f"The storage folder cannot be used ({error.strerror})") from error


async def _block(file: BinaryIO, start: int, size: int) -> bytes:
    """From memory if the system has it there, else from the disk, in a thread."""
    block = _read_cached(file.fileno(), start, size)
    if block is None:
        return await _in_thread(os.pread, file.fileno(), size, start)
    await asyncio.sleep(0)  # nobody's file is so near that others have to wait for all of it
    return block


def _read_cached(handle: int, start: int, size: int) -> bytes | None:
    """What can be read without waiting; None if nothing can, or the system cannot tell."""
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
    """With its parents, and on the disk before anything stands in it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_stale(parts: Path) -> None:
    """Remove what killed processes have left."""
    for part in parts.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _PART_SECONDS:
                part.unlink()
