"""The contract of BlobStore, tested with every implementation."""

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from core import clock
from storage.blobs.port import BlobNotFound, BlobStore
from tests.support.storage.blob_files import read_all, write_file

MISSING = f"sha256/ab/{'ab' * 32}.mp3"
INVALID_KEYS = [
    "",
    "sha256",
    "../../etc/passwd",
    "sha256/ab/../../secret",
    f"sha256/ab/{'cd' * 32}.mp3",
    f"sha256/AB/{'AB' * 32}.mp3",
    f"sha256/ab/{'ab' * 32}.mp3\n",
    f"sha256/ab/{'ab' * 32}.mp3/..",
    f"/sha256/ab/{'ab' * 32}.mp3",
]


async def test_a_blob_is_stored_under_the_hash_of_its_content(store: BlobStore, tmp_path: Path) -> None:
    before = clock.now()
    blob = await store.put(write_file(tmp_path, b"some music"), ".mp3")
    digest = hashlib.sha256(b"some music").hexdigest()
    assert (blob.key, blob.size_bytes) == (f"sha256/{digest[:2]}/{digest}.mp3", 10)
    assert abs(blob.put_at - before) < timedelta(minutes=1)
    assert await read_all(store, blob.key) == b"some music"
    stored = await store.stat(blob.key)
    assert (stored.key, stored.size_bytes) == (blob.key, 10)


async def test_another_put_changes_the_time_only(store: BlobStore, tmp_path: Path) -> None:
    source = write_file(tmp_path, b"some music")
    first = await store.put(source, ".mp3")
    between = clock.now()
    second = await store.put(source, ".mp3")
    assert second.key == first.key
    assert second.put_at >= between - timedelta(milliseconds=20)  # timestamps of file systems are coarse
    assert [blob.key async for blob in store.walk()] == [first.key]


async def test_the_same_content_can_be_put_concurrently(store: BlobStore, tmp_path: Path) -> None:
    source = write_file(tmp_path, b"x" * 100_000)
    blobs = await asyncio.gather(*(store.put(source, ".flac") for _ in range(8)))
    assert len({blob.key for blob in blobs}) == 1
    assert await read_all(store, blobs[0].key) == b"x" * 100_000


async def test_a_range_excludes_its_end(store: BlobStore, tmp_path: Path) -> None:
    text = bytes(range(256)) * 4096
    blob = await store.put(write_file(tmp_path, text), ".mid")
    for start, end in (
        (0, 1),
        (10, 20),
        (0, len(text)),
        (262_143, 262_145),
        (len(text) - 1, len(text)),
        (500_000, None),
    ):
        assert await read_all(store, blob.key, start, end) == text[start:end]
    assert await read_all(store, blob.key, 5, 5) == b""
    assert await read_all(store, blob.key, len(text), None) == b""


async def test_a_large_file_is_read_in_blocks(store: BlobStore, tmp_path: Path) -> None:
    text = hashlib.shake_256(b"noise").digest(9_000_001)
    blob = await store.put(write_file(tmp_path, text), ".flac")
    assert blob.size_bytes == len(text)
    blocks = [block async for block in store.read(blob.key)]
    assert b"".join(blocks) == text
    assert max(map(len, blocks)) <= 1 << 18


async def test_an_empty_file_can_be_stored(store: BlobStore, tmp_path: Path) -> None:
    blob = await store.put(write_file(tmp_path, b""), ".json")
    assert (await store.stat(blob.key)).size_bytes == 0
    assert await read_all(store, blob.key) == b""


@pytest.mark.parametrize("key", [MISSING, *INVALID_KEYS])
async def test_a_missing_blob_raises_blob_not_found(store: BlobStore, tmp_path: Path, key: str) -> None:
    await store.put(write_file(tmp_path, b"another"), ".mp3")
    with pytest.raises(BlobNotFound):
        await store.stat(key)
    with pytest.raises(BlobNotFound):
        await read_all(store, key)
    assert not await store.delete(key)
    assert not await store.delete(key, unless_put_since=clock.now())


@pytest.mark.parametrize("key", INVALID_KEYS)
async def test_an_invalid_key_has_no_url(store: BlobStore, key: str) -> None:
    with pytest.raises(BlobNotFound):
        await store.url(key, "x", clock.now() + timedelta(minutes=1), "org_1")


async def test_a_deleted_blob_can_be_put_again(store: BlobStore, tmp_path: Path) -> None:
    source = write_file(tmp_path, b"some music")
    blob = await store.put(source, ".mp3")
    assert await store.delete(blob.key)
    with pytest.raises(BlobNotFound):
        await store.stat(blob.key)
    await store.put(source, ".mp3")
    assert await read_all(store, blob.key) == b"some music"


async def test_walk_yields_all_blobs_in_the_order_of_their_keys(store: BlobStore, tmp_path: Path) -> None:
    put = [await store.put(write_file(tmp_path, bytes([number]) * number), ".mid") for number in range(12)]
    listed = [(blob.key, blob.size_bytes) async for blob in store.walk()]
    assert listed == sorted((blob.key, blob.size_bytes) for blob in put)


async def test_walk_yields_nothing_from_an_empty_store(store: BlobStore) -> None:
    await store.check()
    assert [blob async for blob in store.walk()] == []


async def test_delete_spares_blobs_put_since(store: BlobStore, tmp_path: Path) -> None:
    source = write_file(tmp_path, b"some music")
    blob = await store.put(source, ".mp3")
    assert not await store.delete(blob.key, unless_put_since=clock.now() - timedelta(hours=1))
    assert await read_all(store, blob.key) == b"some music"
    assert await store.delete(blob.key, unless_put_since=clock.now() + timedelta(hours=1))
    assert not await store.delete(blob.key, unless_put_since=clock.now() + timedelta(hours=1))
    assert [listed async for listed in store.walk()] == []
