"""Restore a backup: keys and files first, then the database in one transaction, then the migrations since."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from core.settings import Settings
from server.backups import manifest, postgres_programs
from server.backups.create import secret_files
from server.backups.folder import Backup, BackupFolder
from server.backups.manifest import BackupError, Content
from storage import migrations
from storage.blobs.port import BlobStore
from storage.maintenance import copy_blobs, snapshots
from storage.maintenance.copy_blobs import CopyProgress
from storage.postgres.database import Database


def check_restorable(backup: Backup) -> None:
    """Raise BackupError for a backup of a newer version or a damaged one. The blobs are verified when they are read."""
    contents = backup.manifest
    if not migrations.is_known(contents.revision):
        raise BackupError(
            f"The backup {backup.name} was made by Music Studio {contents.product_version} with the database schema "
            f"{contents.revision}, which this version does not have: restore it with that version or a newer one."
        )
    damaged = manifest.find_damage(backup.folder, contents)
    if damaged:
        raise BackupError(f"The backup {backup.name} is damaged: {', '.join(damaged)}. Restore another one.")


async def check_target(settings: Settings, database: Database, backup: Backup, *, is_replacing: bool) -> None:
    """Raise BackupError for a database or keys that would be overwritten, or that others use."""
    others = await snapshots.count_other_clients(database)
    if others:
        raise BackupError(f"{others} other connections use the database: stop all servers and workers first.")
    schema, _ = await snapshots.current_schema(database)
    if schema != backup.manifest.schema_name:
        raise BackupError(
            f"The tables of the backup are in the schema {backup.manifest.schema_name}, and DATABASE_URL leads to the "
            f"schema {schema}."
        )
    if is_replacing:
        return
    if not await snapshots.is_empty(database):
        raise BackupError("The database is not empty. Add --replace to delete everything in it.")
    changed = [name for name, path in _secrets(backup) if _differs(path, settings.data_dir / "secrets" / name)]
    if changed:
        raise BackupError(
            f"The data folder {settings.data_dir} contains other keys ({', '.join(map(str, changed))}). Add --replace "
            "to overwrite them."
        )


def restore_secrets(settings: Settings, backup: Backup) -> None:
    """Copy the keys into the data folder. Raises BackupError."""
    try:
        for name, path in _secrets(backup):
            target = settings.data_dir / "secrets" / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = target.with_name(f"{target.name}.new")
            shutil.copy2(path, draft)
            draft.replace(target)
    except OSError as error:
        raise BackupError(f"The keys cannot be written to {settings.data_dir} ({error.strerror}).") from error


async def restore_files(
    backup: Backup, folder: BackupFolder, blobs: BlobStore, report: Callable[[CopyProgress, int], None]
) -> CopyProgress:
    """Copy the files into the storage. Those that exist there are skipped. Raises BackupError, Unavailable."""
    keys = backup.blob_keys()
    return await copy_blobs.copy(
        folder.blobs(), blobs, copy_blobs.iterate(keys), lambda state: report(state, len(keys))
    )


async def restore_database(settings: Settings, database: Database, backup: Backup) -> None:
    """Replace the tables, then migrate them to the schema of this version. Raises BackupError, Unavailable."""
    schema, server_major = await snapshots.current_schema(database)
    await snapshots.remove_tables(database)
    url = settings.database.direct_url or str(settings.database_url)
    await postgres_programs.restore(url, server_major, schema, backup.folder / manifest.DATABASE)
    await migrations.upgrade(database)


async def find_damaged_blobs(folder: BackupFolder, keys: Iterable[str], report: Callable[[int], None]) -> list[str]:
    """Return the keys of blobs that are missing or whose content is not that of their key. Reads all of them.

    ``report`` is called with the number of blobs that were read.
    """
    damaged = []
    for count, key in enumerate(keys, 1):
        path = folder.path / "blobs" / key
        if not path.is_file() or Content.of(path).sha256 != path.name.partition(".")[0]:
            damaged.append(key)
        report(count)
    return damaged


def _secrets(backup: Backup) -> list[tuple[Path, Path]]:
    """Return the names of the keys and their paths in the backup."""
    folder = backup.folder / manifest.SECRETS
    return [(path.relative_to(folder), path) for path in secret_files(folder)]


def _differs(source: Path, target: Path) -> bool:
    return target.exists() and target.read_bytes() != source.read_bytes()
