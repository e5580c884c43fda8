"""The blob store in a folder: files on the disk, killed processes, failures."""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.settings import PROJECT
from storage.blobs.local import LocalBlobs
from storage.blobs.port import BlobNotFound, BlobStore
from storage.blobs.signed_urls import UrlSigner
from tests.support.polling import wait_until
from tests.support.storage.blob_files import read_all, write_file

PUT = """
import asyncio, sys
from pathlib import Path
from storage.blobs.signed_urls import UrlSigner
from storage.blobs.local import LocalBlobs
asyncio.run(LocalBlobs(Path(sys.argv[1]), UrlSigner("http://x", b"k")).put(Path(sys.argv[2]), ".flac"))
"""


def files(folder: Path) -> dict[str, int]:
    """Return the sizes of the files in a folder, without the lock file."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


async def test_a_blob_is_one_file_in_the_folder_of_its_first_two_digits(
    folder_store: BlobStore, tmp_path: Path
) -> None:
    blob = await folder_store.put(write_file(tmp_path, b"some music"), ".mp3")
    assert files(tmp_path / "blobs") == {blob.key: 10}
    assert blob.key.split("/")[1] == blob.key.split("/")[2][:2]


def test_a_killed_writer_leaves_no_incomplete_blob(tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "blobs"
    size = 128 << 20
    with source.open("wb") as writer:
        writer.truncate(size)
    digest = hashlib.sha256(bytes(size)).hexdigest()
    key = f"sha256/{digest[:2]}/{digest}.flac"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    child = subprocess.Popen([sys.executable, "-c", PUT, str(folder), str(source)], env=environment)  # noqa: S603  no user input
    wait_until(lambda: any(size for size in files(folder).values()) or child.poll() is not None)
    child.kill()
    child.wait(30)

    assert {name: length for name, length in files(folder).items() if not name.startswith(".parts/")} in (
        {},
        {key: size},
    )
    subprocess.run([sys.executable, "-c", PUT, str(folder), str(source)], env=environment, check=True)  # noqa: S603
    assert files(folder)[key] == size


async def test_temporary_files_are_removed_after_a_day(folder_store: BlobStore, tmp_path: Path) -> None:
    await folder_store.put(write_file(tmp_path, b"one"), ".mp3")
    parts = tmp_path / "blobs" / ".parts"
    recent, stale = write_file(parts, b"half of a", "recent"), write_file(parts, b"half of a", "stale")
    os.utime(stale, (time.time() - 90_000,) * 2)
    await folder_store.put(write_file(tmp_path, b"two"), ".mp3")
    assert list(parts.iterdir()) == [recent]
    assert len([blob async for blob in folder_store.walk()]) == 2


async def test_a_read_continues_after_the_deletion(folder_store: BlobStore, tmp_path: Path) -> None:
    blob = await folder_store.put(write_file(tmp_path, b"x" * 200_000), ".mp3")
    blocks = folder_store.read(blob.key)
    size = len(await anext(blocks))
    await folder_store.delete(blob.key)
    async for block in blocks:
        size += len(block)
    assert size == 200_000


async def test_a_read_that_is_cancelled_while_the_file_is_opened_closes_it(
    folder_store: BlobStore, tmp_path: Path
) -> None:
    blob = await folder_store.put(write_file(tmp_path, b"some music"), ".mp3")
    reading = asyncio.ensure_future(anext(folder_store.read(blob.key)))
    await asyncio.sleep(0)
    reading.cancel()
    # a file that nobody closes is a ResourceWarning, which fails the test
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    assert reading.cancelled()


async def test_walk_skips_other_files(folder_store: BlobStore, tmp_path: Path) -> None:
    blob = await folder_store.put(write_file(tmp_path, b"some music"), ".mp3")
    folder = tmp_path / "blobs" / "sha256"
    write_file(folder, b"", ".DS_Store")
    write_file(folder / blob.key.split("/")[1], b"", "notes.txt")
    assert [listed.key async for listed in folder_store.walk()] == [blob.key]


async def test_a_missing_folder_is_unavailable(folder_store: BlobStore, tmp_path: Path) -> None:
    blob = await folder_store.put(write_file(tmp_path, b"some music"), ".mp3")
    (tmp_path / "blobs").rename(tmp_path / "elsewhere")
    for operation in (folder_store.stat(blob.key), read_all(folder_store, blob.key)):
        with pytest.raises(Unavailable, match=r"^The storage folder cannot be used \(No such file or directory\)$"):
            await operation
    (tmp_path / "elsewhere").rename(tmp_path / "blobs")
    assert await read_all(folder_store, blob.key) == b"some music"
    with pytest.raises(BlobNotFound):
        await folder_store.stat(f"sha256/ab/{'ab' * 32}.mp3")


async def test_an_unusable_folder_is_unavailable(url_signer: UrlSigner, tmp_path: Path) -> None:
    store = LocalBlobs(write_file(tmp_path, b"not a folder", "blobs"), url_signer)
    for operation in (store.check(), store.put(write_file(tmp_path, b"x"), ".mp3")):
        with pytest.raises(Unavailable, match=r"^The storage folder cannot be used \((File exists|Not a directory)\)$"):
            await operation
