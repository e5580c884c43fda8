"""The contents of a backup: ``manifest.json``, and the checksums of the files beside it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

FILE: Final = "manifest.json"
DATABASE: Final = "database.dump"
KEYS: Final = "files.txt"
"""One key of a blob in each line."""
SECRETS: Final = "secrets"
"""Folder of the keys."""


class BackupError(Exception):
    """A backup cannot be made, read or restored. The message is a complete sentence for the operator."""


class Content(BaseModel):
    """The size in bytes and the SHA-256 of a file."""

    model_config = ConfigDict(frozen=True)

    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "Content":
        """Read a file."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(size_bytes=path.stat().st_size, sha256=digest)


class Manifest(BaseModel):
    """What a backup consists of. It is written last, so that a backup without one is incomplete."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["music-studio/backup"] = "music-studio/backup"
    version: Literal[1] = 1
    product_version: str
    """Version of Music Studio that made the backup."""
    created_at: datetime
    revision: str
    """Revision of the database schema."""
    schema_name: str
    """Schema of Postgres that contains the tables."""
    contents: Mapping[str, Content]
    """The files of the backup by their paths in it."""
    file_count: int
    """Files of tracks that the database references, damaged and missing ones left out."""
    missing: tuple[str, ...] = ()
    """Keys of files that the storage did not have."""
    damaged: tuple[str, ...] = ()
    """Keys of files whose content in the storage was not that of their key."""


def read(folder: Path) -> Manifest:
    """Read the manifest in a folder. Raises BackupError."""
    try:
        return Manifest.model_validate_json((folder / FILE).read_bytes())
    except OSError as error:
        raise BackupError(f"{folder / FILE} cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        raise BackupError(f"{folder / FILE} is not the manifest of a backup that this version can read.") from error


def find_damage(folder: Path, manifest: Manifest) -> list[str]:
    """Return the paths of files in a backup that are missing or differ from the manifest. Raises BackupError."""
    try:
        return [
            path
            for path, content in manifest.contents.items()
            if not (folder / path).is_file() or Content.of(folder / path) != content
        ]
    except OSError as error:
        raise BackupError(f"{folder} cannot be read ({error.strerror}).") from error
