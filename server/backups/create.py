"""Make a backup while servers and workers run."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core import clock
from core.settings import Settings
from core.version import VERSION
from server.backups import manifest, postgres_programs
from server.backups.folder import Backup, BackupFolder
from server.backups.manifest import BackupError, Content, Manifest
from server.embedded import postgres, valkey
from storage import migrations
from storage.blobs.port import BlobStore
from storage.maintenance import copy_blobs, snapshots
from storage.maintenance.copy_blobs import CopyProgress
from storage.postgres.database import Database

SERVICE_SECRETS: Final = frozenset({postgres.PASSWORD_FILE, valkey.PASSWORD_FILE})
"""Secrets that belong to the embedded services of one data folder, and are not part of a backup."""


@dataclass(frozen=True, slots=True)
class CreatedBackup:
    """A new backup, and how many of its files and bytes had to be copied."""

    backup: Backup
    copied: CopyProgress


async def create(
    settings: Settings,
    database: Database,
    blobs: BlobStore,
    folder: BackupFolder,
    report: Callable[[CopyProgress, int], None],
) -> CreatedBackup:
    """Write a backup of one moment of the database, and of all files that it references.

    ``database`` is a direct connection. ``report`` is called with the number of files. Raises BackupError, Unavailable.
    """
    if folder.path.resolve().is_relative_to(settings.data_dir.resolve()):
        raise BackupError(f"{folder.path} is inside the data folder and would be lost with it: choose another folder.")
    if await migrations.current(database) is None:
        raise BackupError("The database is empty: there is nothing to back up.")
    created_at = clock.now()
    with folder.locked():
        await folder.blobs().check()
        draft = folder.create_draft()
        async with snapshots.files_kept(database):
            async with snapshots.open_snapshot(database) as snapshot:
                with _translated_os_errors(folder.path):
                    count = await _write_keys(snapshot.blob_keys(), draft / manifest.KEYS)
                url = settings.database.direct_url or str(settings.database_url)
                await postgres_programs.dump(
                    url, snapshot.server_major, snapshot.schema, snapshot.id, draft / manifest.DATABASE
                )
            with _translated_os_errors(folder.path):
                _copy_secrets(settings.data_dir / "secrets", draft / manifest.SECRETS)
            with (draft / manifest.KEYS).open(encoding="ascii") as keys:
                lines = copy_blobs.iterate(line.rstrip("\n") for line in keys)
                copied = await copy_blobs.copy(blobs, folder.blobs(), lines, lambda state: report(state, count))
        with _translated_os_errors(folder.path):
            files = sorted(path for path in draft.rglob("*") if path.is_file())
            contents = Manifest(
                product_version=VERSION,
                created_at=created_at,
                revision=snapshot.revision,
                schema_name=snapshot.schema,
                contents={path.relative_to(draft).as_posix(): Content.of(path) for path in files},
                file_count=copied.copied + copied.present,
                missing=tuple(sorted(copied.missing)),
                damaged=tuple(sorted(copied.damaged)),
            )
            return CreatedBackup(folder.publish(draft, contents), copied)


def secret_files(folder: Path) -> list[Path]:
    """Return the keys in a folder of secrets, without the passwords of the embedded services."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in SERVICE_SECRETS
        and not path.name.startswith(".")
        and path.suffix != ".new"
    )


def _copy_secrets(source: Path, target: Path) -> None:
    for path in secret_files(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(path, copy)


async def _write_keys(keys: AsyncIterator[str], path: Path) -> int:
    """Write the keys, one in each line, and return their number."""
    count = 0
    with path.open("w", encoding="ascii") as file:
        async for key in keys:
            file.write(f"{key}\n")
            count += 1
    return count


@contextmanager
def _translated_os_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(f"The backup cannot be written to {folder} ({error.strerror}).") from error
