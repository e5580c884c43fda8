"""``studio storage``: check and migrate blob stores."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from server import bootstrap
from server.embedded import ports
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from tests.support.audio import media_files
from tests.support.processes.cli import run_cli
from tests.support.storage import gcs_bucket
from tests.support.storage.gcs_bucket import NAME, Bucket
from tests.support.users import Cast


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with gcs_bucket.running() as found:
        yield found


@pytest.fixture
def chosen(settings: Settings, bucket: Bucket, tmp_path: Path) -> Settings:
    """Settings with a folder of its own and access to the bucket."""
    key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
    changes = {"key_file": key_file, "endpoint": bucket.address, "timeout_seconds": 60}
    blobs = settings.blobs.model_copy(update=changes)
    server = settings.server.model_copy(update={"port": ports.find_free()})
    return settings.model_copy(update={"storage": str(tmp_path / "blobs"), "blobs": blobs, "server": server})


def store_at(chosen: Settings, place: str) -> BlobStore:
    return factory.create_at(place, chosen, bootstrap.build_url_signer(chosen))


@pytest.mark.parametrize("at", [None, f"gs://{NAME}/some/where"])
def test_a_working_store_passes_and_is_left_empty(chosen: Settings, bucket: Bucket, at: str | None) -> None:
    place = at or str(chosen.storage)
    status, said = run_cli(chosen, "check", *(("--at", at) if at else ()))
    assert (status, said.splitlines()) == (
        0,
        [
            f"ok      {place} is reachable and accepts the credentials.",
            f"ok      {place} can be written.",
            f"ok      {place} can be listed.",
            f"ok      {place} returns what was written.",
            f"ok      {place} serves files by signed URLs.",
            f"ok      {place} can delete files.",
            f"{place} is ready.",
        ],
    )
    status, said = run_cli(chosen, "check", "--json", *(("--at", at) if at else ()))
    steps = ("credentials", "write", "list", "read", "sign", "remove")
    assert (status, json.loads(said)) == (0, [{"step": step, "is_passed": True, "error": None} for step in steps])
    assert bucket.names() == []
    assert list(Path(str(chosen.storage)).rglob("*.probe")) == []


def test_each_problem_is_one_line(chosen: Settings, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()
    place = str(tmp_path / "in the way")
    status, said = run_cli(chosen, "check", "--at", place)
    assert (status, said.splitlines()) == (
        1,
        [
            f"FAILED  {place} cannot be used: The storage folder cannot be used (File exists).",
            f"studio: {place} is not ready: 1 steps failed.",
        ],
    )
    status, said = run_cli(chosen, "check", "--at", "gs://nobodys-files")
    assert status == 1
    assert "FAILED  gs://nobodys-files cannot be written: Blob store has no such bucket" in said
    assert "Traceback" not in said
    bucket.failing_with = 403
    status, said = run_cli(chosen, "check", "--at", f"gs://{NAME}")
    assert status == 1
    first = f"FAILED  gs://{NAME} cannot be used: Blob store does not accept the credentials (403 GET "
    assert said.startswith(first)
    assert "refused by the test" in said


@pytest.mark.parametrize("process", ["server", "worker"])
def test_an_invalid_key_file_is_a_startup_error(chosen: Settings, process: str) -> None:
    blobs = chosen.blobs.model_copy(update={"key_file": Path("/nowhere.json")})
    wrong = chosen.model_copy(update={"storage": f"gs://{NAME}", "blobs": blobs, "log_format": "text"})
    status, said = run_cli(wrong, command={"server": "serve", "worker": "worker"}[process])
    reason = "MUSIC_STUDIO_BLOBS__KEY_FILE=/nowhere.json cannot be used: No such file or directory"
    assert (status, said) == (1, f"studio: The {process} cannot start: {reason}.\n")


def test_an_invalid_location_is_an_error(chosen: Settings) -> None:
    status, said = run_cli(chosen, "check", "--at", "s3://somewhere")
    assert (status, said) == (1, "studio: s3://somewhere is neither a folder nor gs://bucket/prefix.\n")


@pytest.fixture
async def origin(chosen: Settings) -> AsyncIterator[BlobStore]:
    store = store_at(chosen, str(chosen.storage))
    yield store
    await store.close()


async def put(store: BlobStore, folder: Path, content: bytes, suffix: str = ".flac") -> str:
    (folder / "source").write_bytes(content)
    return (await store.put(folder / "source", suffix)).key


async def test_everything_is_copied_once(chosen: Settings, bucket: Bucket, origin: BlobStore, tmp_path: Path) -> None:
    put_keys = sorted([await put(origin, tmp_path, bytes([number]) * 100_000) for number in range(20)])
    places = ("--from", str(chosen.storage), "--to", f"gs://{NAME}/moved")
    status, said = run_cli(chosen, "migrate", *places, "--all")
    assert status == 0
    assert said.endswith(f"20 files (2.0 MB) copied to gs://{NAME}/moved; 0 existed already.\n")
    assert sorted(bucket.names()) == [f"moved/{key}" for key in put_keys]
    for key in put_keys:
        assert hashlib.sha256(bucket.content(f"moved/{key}")).hexdigest() == key[10:74]
    status, said = run_cli(chosen, "migrate", *places, "--all")
    assert status == 0
    assert said.endswith(f"0 files (0 bytes) copied to gs://{NAME}/moved; 20 existed already.\n")
    status, said = run_cli(chosen, "migrate", *places, "--all", "--json")
    counts = {"copied": 0, "copied_bytes": 0, "present": 20, "missing": [], "damaged": []}
    assert (status, json.loads(said.splitlines()[-1])) == (0, counts)


async def test_an_interrupted_migration_resumes(
    chosen: Settings, bucket: Bucket, origin: BlobStore, tmp_path: Path
) -> None:
    put_keys = [await put(origin, tmp_path, bytes([number]) * 1000) for number in range(20)]
    uploads = 0

    def fail_after_some() -> None:
        nonlocal uploads
        uploads += 1
        if uploads > 5:
            bucket.failing_with = 503
        else:
            bucket.before_method["POST"] = fail_after_some

    bucket.before_method["POST"] = fail_after_some
    places = ("--from", str(chosen.storage), "--to", f"gs://{NAME}")
    hasty = chosen.model_copy(update={"blobs": chosen.blobs.model_copy(update={"timeout_seconds": 10})})
    status, said = run_cli(hasty, "migrate", *places, "--all")
    assert status == 1
    assert said.endswith("studio: Blob store is not reachable.\n"), said
    there = len(bucket.names())
    assert 0 < there < 20
    bucket.failing_with = None
    bucket.before_method.clear()
    status, said = run_cli(chosen, "migrate", *places, "--all")
    assert status == 0
    assert f"{20 - there} files" in said
    assert f"{there} existed already" in said
    assert sorted(bucket.names()) == sorted(put_keys)


async def test_referenced_files_are_copied_and_missing_ones_reported(
    chosen: Settings, database: Database, cast: Cast, origin: BlobStore, bucket: Bucket, tmp_path: Path
) -> None:
    source = tmp_path / "master"
    source.write_bytes(b"named")
    named = await media_files.put_track_file(database, chosen, cast.ada, source)
    await put(origin, tmp_path, b"nobody's")
    source.write_bytes(b"lost")
    lost = await media_files.put_track_file(database, chosen, cast.bea, source)
    await origin.delete(lost.key)
    status, said = run_cli(chosen, "migrate", "--from", str(chosen.storage), "--to", f"gs://{NAME}")
    assert status == 1
    assert bucket.names() == [named.key]
    assert f"{lost.key} is missing from {chosen.storage}.\n" in said
    assert said.endswith("studio: 1 files are missing and 0 damaged; the rest was copied.\n")


async def test_a_damaged_file_is_reported_and_not_copied(
    chosen: Settings, bucket: Bucket, origin: BlobStore, tmp_path: Path
) -> None:
    good, bad = await put(origin, tmp_path, b"good"), await put(origin, tmp_path, b"bad")
    (Path(str(chosen.storage)) / bad).write_bytes(b"rot")
    status, said = run_cli(chosen, "migrate", "--from", str(chosen.storage), "--to", f"gs://{NAME}", "--all")
    assert status == 1
    assert bucket.names() == [good]
    assert re.search(f"^{bad} is damaged in ", said, re.MULTILINE)


async def test_a_bucket_is_copied_to_a_folder(chosen: Settings, bucket: Bucket, tmp_path: Path) -> None:
    from_bucket = store_at(chosen, f"gs://{NAME}")
    key = await put(from_bucket, tmp_path, b"x" * 600_000, ".mid")
    await from_bucket.close()
    status, _ = run_cli(chosen, "migrate", "--from", f"gs://{NAME}", "--to", str(tmp_path / "target"), "--all")
    assert status == 0
    assert (tmp_path / "target" / key).read_bytes() == b"x" * 600_000
