"""Copy blobs between stores. An interrupted copy can be repeated and skips blobs that are present."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from core import errors
from storage.blobs import content_hash
from storage.blobs.port import BlobNotFound, BlobStore
from storage.maintenance import orphans
from storage.postgres.database import Database

_CONCURRENCY: Final = 8
_PAGE_SIZE: Final = 1000


@dataclass(slots=True)
class CopyProgress:
    """Counts of copied and present blobs, and the keys of missing and damaged ones."""

    copied: int = 0
    copied_bytes: int = 0
    present: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


async def iterate(keys: Iterable[str]) -> AsyncIterator[str]:
    """Yield keys that are at hand, for ``copy``."""
    for key in keys:
        yield key


async def copy(
    source: BlobStore, target: BlobStore, keys: AsyncIterator[str], report: Callable[[CopyProgress], None]
) -> CopyProgress:
    """Copy blobs concurrently and verify the hash of each before it is stored. Raises Unavailable."""
    progress, lock = CopyProgress(), asyncio.Lock()

    async def next_key() -> str | None:
        async with lock:
            return await anext(keys, None)

    async def work() -> None:
        while (key := await next_key()) is not None:
            await _copy_one(source, target, key, progress)
            report(progress)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_CONCURRENCY):
                group.create_task(work())
    except ExceptionGroup as group:
        refusal = errors.first_refusal(group)
        raise refusal or group from None
    return progress


async def all_keys(store: BlobStore) -> AsyncIterator[str]:
    """Yield the keys of all blobs of a store."""
    async for blob in store.walk():
        yield blob.key


async def referenced_keys(database: Database) -> AsyncIterator[str]:
    """Yield the keys that rows reference, each once, in order. Reads pages in separate transactions.

    Raises Unavailable.
    """
    last = ""
    while True:
        async with database.transaction() as session:
            page = await _referenced_page(session, last)
        for key in page:
            yield key
        if len(page) < _PAGE_SIZE:
            return
        last = page[-1]


async def count_referenced(database: Database) -> int:
    """Return the number of ``referenced_keys``. Raises Unavailable."""
    async with database.transaction() as session:
        keys = union(*(select(column.label("key")) for column in orphans.blob_key_columns())).subquery()
        return await session.scalar(select(func.count()).select_from(keys)) or 0


async def _referenced_page(session: AsyncSession, last: str) -> list[str]:
    pages = [
        select(column.label("key")).where(column > last).distinct().order_by(column).limit(_PAGE_SIZE).subquery()
        for column in orphans.blob_key_columns()
    ]
    keys = union(*(select(page.c.key) for page in pages)).subquery()
    return list((await session.scalars(select(keys.c.key).order_by(keys.c.key).limit(_PAGE_SIZE))).all())


async def _copy_one(source: BlobStore, target: BlobStore, key: str, progress: CopyProgress) -> None:
    with suppress(BlobNotFound):
        await target.stat(key)
        progress.present += 1
        return
    with tempfile.TemporaryDirectory(prefix="music-studio-move-") as folder:
        path = Path(folder) / "blob"
        try:
            digest, size_bytes = await _fetch(source, key, path)
        except BlobNotFound:
            progress.missing.append(key)
            return
        if digest != content_hash.digest(key):
            progress.damaged.append(key)
            return
        await target.put(path, content_hash.suffix(key))
        progress.copied += 1
        progress.copied_bytes += size_bytes


async def _fetch(source: BlobStore, key: str, path: Path) -> tuple[str, int]:
    """Download a blob; return the SHA-256 and the size of the received content."""
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for block in source.read(key):
            digest.update(block)
            size_bytes += len(block)
            file.write(block)
    return digest.hexdigest(), size_bytes
