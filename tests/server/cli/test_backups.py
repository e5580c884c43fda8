"""``studio backup`` and ``studio restore``: round trips, refusals, damage, and processes that are killed."""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from alembic import command
from sqlalchemy import text

from core.settings import Settings
from server.backups import postgres_programs
from server.embedded import ports
from storage import migrations
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.maintenance import snapshots
from storage.postgres.database import Database
from tests.support.audio import media_files
from tests.support.database_rows import delete_all_rows
from tests.support.polling import wait_for, wait_until
from tests.support.processes import process_fork_server
from tests.support.processes.cli import run_cli
from tests.support.processes.process_fork_server import Child
from tests.support.processes.services import cloned
from tests.support.storage import gcs_bucket
from tests.support.users import Cast, create_cast
from workers.loops import recovery

FIRST: Final = "2026_11_21"
"""The first revision of the database schema."""


class Site:
    """An installation with a database, a data folder and a storage of its own."""

    def __init__(self, settings: Settings, url: str, folder: Path) -> None:
        changes = {"database_url": url, "data_dir": folder / "data", "storage": str(folder / "blobs")}
        server = settings.server.model_copy(update={"port": ports.find_free()})
        self.settings = settings.model_copy(update={**changes, "server": server})
        self.database = Database(url, pooled=False)
        self.blobs = LocalBlobs(folder / "blobs", UrlSigner("http://x", b"k"))

    async def put(self, cast: Cast, content: bytes, tmp_path: Path) -> str:
        """Store a track with this content; return the key of its file."""
        (tmp_path / "upload").write_bytes(content)
        blob = await media_files.put_track_file(self.database, self.settings, cast.ada, tmp_path / "upload")
        return blob.key

    def run(self, *words: str) -> tuple[int, str]:
        first, *rest = words
        return run_cli(self.settings, *rest, command=first)

    async def rows(self, query: str) -> list[Any]:
        async with self.database.transaction() as session:
            return [tuple(row) for row in (await session.execute(text(query))).all()]


@pytest.fixture
async def make_site(
    settings: Settings, service_urls: tuple[str, str], worker_id: str, tmp_path: Path
) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that creates an installation by its name, whose database is empty unless it has a template."""
    async with AsyncExitStack() as stack:

        async def make(name: str, **template: str) -> Site:
            database = f"backup_{name}_{worker_id}"
            url = await stack.enter_async_context(cloned(service_urls[0], database, **template))
            site = Site(settings, url, tmp_path / name)
            stack.push_async_callback(site.database.close)
            return site

        yield make


@pytest.fixture
async def site(make_site: Callable[..., Any]) -> Site:
    """The installation that is backed up."""
    found: Site = await make_site("source")
    return found


@pytest.fixture
async def cast(site: Site) -> Cast:
    return await create_cast(site.database)


@pytest.fixture
async def target(make_site: Callable[..., Any]) -> Site:
    """An installation with an empty database."""
    found: Site = await make_site("target", template="template0")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "backups").iterdir())


async def test_a_restored_installation_has_all_rows_files_and_keys(
    site: Site, cast: Cast, target: Site, folder: Path, tmp_path: Path
) -> None:
    keys = [await site.put(cast, bytes([number]) * 50_000, tmp_path) for number in range(3)]
    await site.put(cast, b"unused", tmp_path)
    await site.rows("DELETE FROM track_files WHERE size_bytes = 6 RETURNING 1")
    status, output = site.run("backup", "create", str(folder))
    assert (status, output.endswith("3 files, 3 new (150.0 kB).\n")) == (0, True), output
    keys.append(await site.put(cast, b"another", tmp_path))
    status, output = site.run("backup", "create", str(folder), "--json")
    made = json.loads(output)
    assert (status, made["files"], made["copied"], made["copiedBytes"]) == (0, 4, 1, 7)
    status, output = site.run("backup", "verify", str(folder))
    assert (status, output) == (0, f"The backup {made['backup']} is intact: 4 files.\n")

    status, output = target.run("restore", str(folder))
    assert status == 0, output
    query = "SELECT id, title, created_at FROM tracks ORDER BY id"
    assert await target.rows(query) == await site.rows(query)
    assert len(await target.rows(query)) == 5
    assert sorted([blob.key async for blob in target.blobs.walk()]) == sorted(keys)
    for name in ("signing.key",):
        secret = target.settings.data_dir / "secrets" / name
        assert secret.read_bytes() == (site.settings.data_dir / "secrets" / name).read_bytes()
        assert secret.stat().st_mode & 0o777 == 0o600
    # the triggers came along
    await target.put(cast, b"new", tmp_path)


async def test_old_backups_and_files_that_no_other_contains_are_deleted(
    site: Site, cast: Cast, folder: Path, tmp_path: Path
) -> None:
    await site.put(cast, b"old", tmp_path)
    assert site.run("backup", "create", str(folder))[0] == 0
    await delete_all_rows(site.database)
    kept = await site.put(await create_cast(site.database), b"new", tmp_path)
    first = names(folder)
    assert site.run("backup", "create", str(folder))[0] == 0
    status, output = site.run("backup", "prune", str(folder), "--keep", "1")
    assert (status, output) == (0, "1 backups and 1 files are deleted.\n")
    assert (len(names(folder)), names(folder) == first) == (1, False)
    assert [path.name for path in (folder / "blobs").rglob("*.mp3")] == [Path(kept).name]
    assert site.run("backup", "verify", str(folder))[0] == 0


async def test_files_in_a_bucket_are_backed_up_and_restored(
    site: Site, cast: Cast, target: Site, folder: Path, tmp_path: Path
) -> None:
    with gcs_bucket.running() as bucket:
        key_file = bucket.account.write(tmp_path / "account.json", f"{bucket.address}/token")
        blobs = site.settings.blobs.model_copy(update={"key_file": key_file, "endpoint": bucket.address})
        site.settings = site.settings.model_copy(update={"storage": f"gs://{gcs_bucket.NAME}/a", "blobs": blobs})
        key = await site.put(cast, b"in the bucket", tmp_path)
        assert site.run("backup", "create", str(folder))[0] == 0
        assert (folder / "blobs" / key).read_bytes() == b"in the bucket"
        target.settings = target.settings.model_copy(update={"storage": f"gs://{gcs_bucket.NAME}/b", "blobs": blobs})
        assert target.run("restore", str(folder))[0] == 0
        assert bucket.content(f"b/{key}") == b"in the bucket"


async def test_a_database_with_data_is_replaced_only_with_the_option(
    site: Site, cast: Cast, make_site: Callable[..., Any], folder: Path
) -> None:
    site.run("backup", "create", str(folder))
    other: Site = await make_site("other")
    await create_cast(other.database)
    before = await other.rows("SELECT id FROM users ORDER BY id")
    await other.database.close()
    status, output = other.run("restore", str(folder))
    assert (status, output) == (
        1,
        "studio: The database is not empty. Add --replace to delete everything in it.\n",
    )
    assert await other.rows("SELECT id FROM users ORDER BY id") == before
    await other.database.close()
    assert other.run("restore", str(folder), "--replace")[0] == 0
    assert await other.rows("SELECT id FROM users ORDER BY id") == await site.rows("SELECT id FROM users ORDER BY id")


async def test_a_database_in_use_is_not_changed(site: Site, cast: Cast, target: Site, folder: Path) -> None:
    site.run("backup", "create", str(folder))
    async with target.database.engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        status, output = target.run("restore", str(folder))
    assert (status, output) == (
        1,
        "studio: 1 other connections use the database: stop all servers and workers first.\n",
    )


async def test_a_backup_of_a_later_version_is_refused(site: Site, cast: Cast, target: Site, folder: Path) -> None:
    site.run("backup", "create", str(folder))
    (name,) = names(folder)
    path = folder / "backups" / name / "manifest.json"
    contents = {**json.loads(path.read_bytes()), "revision": "2099_01_01", "product_version": "9.1"}
    path.write_text(json.dumps(contents))
    sentence = (
        f"The backup {name} was made by Music Studio 9.1 with the database schema 2099_01_01, which this version does "
        "not have: restore it with that version or a newer one."
    )
    assert target.run("restore", str(folder)) == (1, f"studio: {sentence}\n")


async def test_a_backup_of_an_earlier_version_is_migrated(
    make_site: Callable[..., Any], target: Site, folder: Path
) -> None:
    older: Site = await make_site("older", template="template0")
    async with older.database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrations.config(sync), FIRST))
    await older.rows("INSERT INTO organizations VALUES ('org_1', 'First', now()) RETURNING 1")
    status, output = older.run("backup", "create", str(folder))
    assert status == 0, output
    assert await migrations.current(older.database) == FIRST
    assert target.run("restore", str(folder))[0] == 0
    assert await target.rows("SELECT id, name FROM organizations") == [("org_1", "First")]
    assert await migrations.current(target.database) == migrations.head()


async def test_damage_is_found_and_the_database_stays_unchanged(
    site: Site, cast: Cast, target: Site, folder: Path, tmp_path: Path
) -> None:
    keys = [await site.put(cast, content, tmp_path) for content in (b"sound", b"rotten")]
    site.run("backup", "create", str(folder))
    (folder / "blobs" / keys[1]).write_bytes(b"changed")
    (name,) = names(folder)
    status, output = site.run("backup", "verify", str(folder))
    assert (status, output) == (
        1,
        f"{keys[1]} is missing or damaged.\nstudio: The backup {name} is damaged: 1 files are missing or differ.\n",
    )
    status, output = target.run("restore", str(folder))
    assert (status, "and the database is unchanged" in output) == (1, True)
    assert await snapshots.is_empty(target.database)
    assert target.run("restore", str(folder), "--partial")[0] == 0
    assert [blob.key async for blob in target.blobs.walk()] == [keys[0]]

    dump = folder / "backups" / name / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1])
    status, output = target.run("restore", str(folder), "--replace")
    assert (status, output) == (
        1,
        f"studio: The backup {name} is damaged: database.dump. Restore another one.\n",
    )


async def test_missing_files_are_reported_and_the_rest_is_saved(
    site: Site, cast: Cast, folder: Path, tmp_path: Path
) -> None:
    keys = [await site.put(cast, content, tmp_path) for content in (b"there", b"lost")]
    await site.blobs.delete(keys[1])
    status, output = site.run("backup", "create", str(folder))
    assert status == 1
    assert output.endswith(
        f"{keys[1]} is missing from the storage.\nstudio: 1 files are missing and 0 damaged; the rest is saved.\n"
    )
    assert site.run("backup", "verify", str(folder))[0] == 0


async def test_a_backup_inside_the_data_folder_is_refused(site: Site) -> None:
    inside = site.settings.data_dir / "backups"
    assert site.run("backup", "create", str(inside)) == (
        1,
        f"studio: {inside} is inside the data folder and would be lost with it: choose another folder.\n",
    )


def start(site: Site, folder: Path, tmp_path: Path) -> Child:
    """Start a backup in the background."""
    environment = process_fork_server.environment(site.settings)
    return process_fork_server.shared().fork(["backup", "create", str(folder)], environment, tmp_path / "output")


async def test_a_backup_that_is_killed_during_the_dump_leaves_nothing_that_looks_complete(
    site: Site, cast: Cast, folder: Path, tmp_path: Path
) -> None:
    waiting = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'"

    async def find_pg_dump() -> list[Any] | None:
        return await site.rows(waiting) or None

    async with site.database.transaction() as session:
        await session.execute(text("LOCK TABLE tracks IN ACCESS EXCLUSIVE MODE"))
        child = start(site, folder, tmp_path)
        await wait_for(find_pg_dump)
        child.kill()
        assert child.wait() == -9
    assert names(folder) == [".incomplete"]
    assert site.run("backup", "list", str(folder)) == (0, "")
    status, output = site.run("restore", str(folder), "--replace")
    assert (status, output) == (1, f"studio: {folder} contains no complete backup.\n")
    assert site.run("backup", "create", str(folder))[0] == 0
    assert len(names(folder)) == 1


async def test_a_backup_that_is_killed_between_files_resumes_and_holds_off_the_cleanup(
    site: Site, cast: Cast, folder: Path, tmp_path: Path
) -> None:
    first = await site.put(cast, b"first", tmp_path)
    blocked = await site.put(cast, b"blocked", tmp_path)
    path = Path(str(site.settings.storage)) / blocked
    path.unlink()
    os.mkfifo(path)
    child = start(site, folder, tmp_path)
    wait_until((folder / "blobs" / first).exists)
    # a track is deleted, and its files are due
    await site.rows("DELETE FROM track_files RETURNING 1")
    hasty = site.settings.workers.model_copy(update={"unused_seconds": 0})
    assert await recovery.remove_unused(site.database, site.blobs, hasty) is None
    child.kill()
    child.wait()
    assert names(folder) == [".incomplete"]
    path.unlink()
    assert site.run("backup", "create", str(folder))[0] == 0

    async def has_cleaned() -> bool | None:
        return await recovery.remove_unused(site.database, site.blobs, hasty) is not None or None

    await wait_for(has_cleaned)
    assert [blob.key async for blob in site.blobs.walk()] == []


async def test_a_restore_that_is_killed_leaves_the_database_unchanged_and_can_be_repeated(
    site: Site, cast: Cast, target: Site, folder: Path, tmp_path: Path
) -> None:
    first = await site.put(cast, b"first", tmp_path)
    blocked = await site.put(cast, b"blocked", tmp_path)
    assert site.run("backup", "create", str(folder))[0] == 0
    path = folder / "blobs" / blocked
    path.unlink()
    os.mkfifo(path)
    environment = process_fork_server.environment(target.settings)
    child = process_fork_server.shared().fork(["restore", str(folder)], environment, tmp_path / "output")
    wait_until((Path(str(target.settings.storage)) / first).exists)
    child.kill()
    child.wait()
    assert await snapshots.is_empty(target.database)
    path.unlink()
    path.write_bytes(b"blocked")
    await target.database.close()
    assert target.run("restore", str(folder))[0] == 0
    assert sorted([blob.key async for blob in target.blobs.walk()]) == sorted([first, blocked])
    assert await target.rows("SELECT id FROM tracks ORDER BY id") == await site.rows(
        "SELECT id FROM tracks ORDER BY id"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://ada:a%2Fb@[::1]:5433/db?sslmode=require",
            ("postgresql://ada@[::1]:5433/db?sslmode=require", "a/b"),
        ),
        ("postgresql:///db?host=/run/pg&user=ada&password=x", ("postgresql:///db?host=%2Frun%2Fpg&user=ada", "x")),
        ("postgresql://ada@host/db", ("postgresql://ada@host/db", None)),
    ],
)
def test_the_password_of_a_url_is_given_to_programs_in_the_environment(
    url: str, expected: tuple[str, str | None]
) -> None:
    address, variables = postgres_programs.without_password(url)
    assert (address, variables.get("PGPASSWORD")) == expected
