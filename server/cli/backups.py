"""``studio backup`` and ``studio restore``: save an installation in a folder, and restore it from there."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import redis
import typer
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core import logs
from core.settings import Settings
from server import bootstrap
from server.backups import create, manifest, restore
from server.backups.create import CreatedBackup
from server.backups.folder import Backup, BackupFolder
from server.backups.manifest import BackupError
from server.cli import console, output
from server.cli.console import DataDir, JsonOption, err
from server.embedded.stack import find_running
from storage import migrations
from storage.maintenance.copy_blobs import CopyProgress
from storage.postgres.database import Database

backup = typer.Typer(
    no_args_is_help=True, help="Save database, files and keys in a folder; list, verify and delete backups."
)

Folder = Annotated[Path, typer.Argument(help="Folder of the backups.", file_okay=False, resolve_path=True)]
BackupName = Annotated[str | None, typer.Option("--backup", help="Name of the backup. Default: the newest.")]


@backup.command("create")
def create_backup(
    folder: Folder,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Make a backup. Servers and workers can run; files that an earlier backup contains are not copied again.

    The folder then contains all data and all keys: keep it secret. Exit status: 0 complete, 1 error, or files that the
    storage does not have or that are damaged there; the rest is then in the backup.
    """
    settings = console.load_settings(data_dir=data_dir)
    with _errors_reported():
        created = console.run_connected(
            settings,
            lambda connected, database: _create(connected, database, folder),
            is_migrated=False,
            is_direct=True,
        )
    _print_created(created, folder)
    contents = created.backup.manifest
    for keys, state in ((contents.missing, "missing from the storage"), (contents.damaged, "damaged in the storage")):
        for key in keys:
            err.print(f"{key} is {state}.", markup=False)
    if contents.missing or contents.damaged:
        console.fail(
            f"{len(contents.missing)} files are missing and {len(contents.damaged)} damaged; the rest is saved."
        )


@backup.command("list")
def list_backups(
    folder: Folder,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """List the complete backups, oldest first."""
    with _errors_reported():
        found = BackupFolder(folder).list()
    rows = [_properties(each) for each in found]
    output.print_rows(rows, tuple(rows[0]) if rows else ())


@backup.command("verify")
def verify(
    folder: Folder,
    name: BackupName = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """Read a backup completely and compare it with its checksums. Exit status: 0 intact, 1 damaged or not readable."""
    with _errors_reported():
        backups = BackupFolder(folder)
        found = backups.find(name)
        damaged = manifest.find_damage(found.folder, found.manifest)
        keys = found.blob_keys()
        with _progress(len(keys)) as report:
            damaged += asyncio.run(restore.find_damaged_blobs(backups, keys, lambda done: report(done, 0)))
    for path in damaged:
        err.print(f"{path} is missing or damaged.", markup=False)
    if damaged:
        console.fail(f"The backup {found.name} is damaged: {len(damaged)} files are missing or differ.")
    output.print_done(f"The backup {found.name} is intact: {len(keys)} files.", **_properties(found))


@backup.command("prune")
def prune(
    folder: Folder,
    keep: Annotated[int, typer.Option(min=1, help="Number of backups to keep, the newest.")],
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """Delete old backups, and the files that no other backup contains."""
    deleted = list[str]()
    with _errors_reported(), console.errors_reported():
        backups = BackupFolder(folder)
        with backups.locked():
            file_count = asyncio.run(backups.prune(keep, deleted.append))
    output.print_done(f"{len(deleted)} backups and {file_count} files are deleted.", deleted=deleted, files=file_count)


def restore_backup(
    folder: Folder,
    name: BackupName = None,
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the database contains.")] = False,  # noqa: FBT002
    partial: Annotated[bool, typer.Option("--partial", help="Restore although files are damaged.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into an empty installation. Servers and workers must not run.

    A backup of an earlier version is migrated to the schema of this one; that of a later version is refused. The
    database is changed last, in one transaction: after an interruption, repeat the command.
    """
    settings = console.load_settings(data_dir=data_dir)
    if settings.database_url is None and find_running(settings.data_dir) is not None:
        console.fail(f"Music Studio runs on the data folder {settings.data_dir}: stop it first.")
    with _errors_reported():
        backups = BackupFolder(folder)
        found = backups.find(name)
        restore.check_restorable(found)

        async def run(connected: Settings, database: Database) -> None:
            await restore.check_target(connected, database, found, is_replacing=replace)
            restore.restore_secrets(connected, found)
            await _restore_files(connected, backups, found, is_partial=partial)
            await restore.restore_database(connected, database, found)
            if settings.redis_url is None:
                # the events and rate limits of what was replaced
                with redis.Redis.from_url(str(connected.redis_url)) as connection:
                    connection.flushdb()

        console.run_connected(settings, run, is_migrated=False, is_direct=True)
    output.print_done(
        f"The backup {found.name} is restored; the database schema is at revision {migrations.head()}.",
        **_properties(found),
    )


async def _create(settings: Settings, database: Database, folder: Path) -> CreatedBackup:
    logs.configure("error", "text")
    async with bootstrap.open_blob_store(settings) as blobs:
        with _progress(0) as report:
            return await create.create(
                settings, database, blobs, BackupFolder(folder), lambda state, count: report(_done(state), count)
            )


async def _restore_files(settings: Settings, backups: BackupFolder, found: Backup, *, is_partial: bool) -> None:
    """Raise BackupError if files of the backup are missing or damaged, unless ``is_partial``."""
    logs.configure("error", "text")
    async with bootstrap.open_blob_store(settings) as blobs:
        await blobs.check()
        with _progress(0) as report:
            copied = await restore.restore_files(
                found, backups, blobs, lambda state, count: report(_done(state), count)
            )
    damaged = [*copied.missing, *copied.damaged]
    for key in damaged:
        err.print(f"{key} is missing or damaged in the backup.", markup=False)
    if damaged and not is_partial:
        raise BackupError(
            f"{len(damaged)} files of the backup {found.name} are missing or damaged, and the database is unchanged. "
            "Restore another backup, or add --partial to go without these files."
        )


def _done(state: CopyProgress) -> int:
    return state.copied + state.present + len(state.missing) + len(state.damaged)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar. Yields a function of the number of files that are done, and of all if that has changed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        task = progress.add_task("files", total=total or None)
        yield lambda done, count: progress.update(task, completed=done, total=count or total)


@contextmanager
def _errors_reported() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        console.fail(str(error))


def _properties(found: Backup) -> dict[str, object]:
    contents = found.manifest
    return {
        "backup": found.name,
        "version": contents.product_version,
        "schema": contents.revision,
        "databaseBytes": contents.contents[manifest.DATABASE].size_bytes,
        "files": contents.file_count,
        "missing": len(contents.missing) + len(contents.damaged),
    }


def _print_created(created: CreatedBackup, folder: Path) -> None:
    properties, copied = _properties(created.backup), created.copied
    new = f"{copied.copied} new ({decimal(copied.copied_bytes)})"
    database = decimal(created.backup.manifest.contents[manifest.DATABASE].size_bytes)
    size = f"database {database}, {properties['files']} files, {new}"
    output.print_done(
        f"Backup {created.backup.name} in {folder}: {size}.",
        **properties,
        copied=copied.copied,
        copiedBytes=copied.copied_bytes,
    )
