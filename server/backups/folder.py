"""The folder of backups: the blobs that they share, and a subfolder for each backup.

blobs/sha256/ab/ab12….mp3
backups/2026-11-29T231500.250Z/manifest.json, database.dump, files.txt, secrets/
backups/.incomplete/    of a backup that runs or was interrupted
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core import file_sync
from core.settings import COMMAND
from server.backups import manifest
from server.backups.manifest import BackupError, Manifest
from storage.blobs import content_hash
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner

_DRAFT: Final = ".incomplete"
_LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Backup:
    """A complete backup."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The time at which it was made."""
        return self.folder.name

    def blob_keys(self) -> list[str]:
        """Return the keys of its blobs. Raises BackupError."""
        try:
            keys = (self.folder / manifest.KEYS).read_text(encoding="ascii").split()
        except (OSError, ValueError) as error:
            raise BackupError(f"{self.folder / manifest.KEYS} cannot be read ({error}).") from error
        left_out = {*self.manifest.missing, *self.manifest.damaged}
        return [key for key in keys if key not in left_out and content_hash.is_key(key)]


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """A folder with backups. Only one process changes it at a time."""

    path: Path

    def blobs(self) -> LocalBlobs:
        """Return the store of the blobs, whose URLs are of no use."""
        return LocalBlobs(self.path / "blobs", UrlSigner("", b""))

    def list(self) -> "list[Backup]":
        """Return all complete backups, oldest first. Raises BackupError."""
        folders = sorted(path for path in self._backups.glob("*") if not path.name.startswith("."))
        return [Backup(path, manifest.read(path)) for path in folders]

    def find(self, name: str | None) -> Backup:
        """Return the backup of this name, or the newest one. Raises BackupError."""
        if name is not None:
            if not (self._backups / name).is_dir() or name.startswith(".") or "/" in name:
                raise BackupError(f"{self.path} contains no backup {name}: {COMMAND} backup list shows all.")
            return Backup(self._backups / name, manifest.read(self._backups / name))
        found = self.list()
        if not found:
            raise BackupError(f"{self.path} contains no complete backup.")
        return found[-1]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the folder against other processes that change it. Raises BackupError."""
        try:
            self._backups.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BackupError(f"{self.path} cannot be written ({error.strerror}).") from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"Another process is changing the backups in {self.path}.") from None
            yield
        finally:
            os.close(descriptor)

    def create_draft(self) -> Path:
        """Create the subfolder of an incomplete backup, after removing that of an interrupted one."""
        draft = self._backups / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        return draft

    def publish(self, draft: Path, contents: Manifest) -> Backup:
        """Complete a backup: sync all files and the manifest to the disk, then give the folder its name."""
        path = draft / manifest.FILE
        path.write_text(contents.model_dump_json(indent=2), encoding="utf-8")
        for each in (*draft.rglob("*"), draft):
            file_sync.sync(each)
        created_at = contents.created_at
        target = self._backups / f"{created_at:%Y-%m-%dT%H%M%S}.{created_at.microsecond // 1000:03}Z"
        draft.rename(target)
        file_sync.sync(self._backups)
        return Backup(target, contents)

    async def prune(self, keep: int, report: Callable[[str], None]) -> int:
        """Delete all but the newest backups and the blobs that none of them needs. Returns the number of blobs.

        ``report`` is called with the name of each deleted backup. Raises BackupError, Unavailable.
        """
        found = self.list()
        needed = {key for backup in found[-keep:] for key in backup.blob_keys()}
        for backup in found[:-keep]:
            # without its manifest it is incomplete, if this is interrupted
            backup.folder.rename(draft := self._backups / _DRAFT)
            shutil.rmtree(draft)
            report(backup.name)
        store = self.blobs()
        unneeded = [blob.key async for blob in store.walk() if blob.key not in needed]
        return sum([await store.delete(key) for key in unneeded])

    @property
    def _backups(self) -> Path:
        return self.path / "backups"
