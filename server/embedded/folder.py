"""The data folder: its subfolders, layout version, secrets, logs and free space."""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from server.embedded.errors import StartupError, translate_os_errors

FIRST_KEY_FILE = "first-key"
"""File of the first API key in the folder of secrets, for commands on this machine."""
LAYOUT_VERSION = 1
MIN_FREE_BYTES = 256 * 1024**2
MAX_LOG_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class DataFolder:
    path: Path

    def prepare(self) -> None:
        """Create the missing subfolders. Raises StartupError for a newer layout version or a full disk."""
        with translate_os_errors(self.path):
            self._check_layout()
            for name in ("secrets", "logs"):
                (self.path / name).mkdir(mode=0o700, exist_ok=True)
            check_free_space(self.path)

    def ensure_secret(self, name: str) -> str:
        """Return a secret. The first call creates it, in a file that only its owner can read."""
        path = self.path / "secrets" / name
        with translate_os_errors(self.path):
            if not path.exists():
                write_private(path, secrets.token_urlsafe(32))
            return path.read_text(encoding="utf-8").strip()

    def log_file(self, name: str) -> Path:
        """Return the path of a log. A large log is renamed to `.log.1` first."""
        path = self.path / "logs" / f"{name}.log"
        with translate_os_errors(self.path):
            if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
        return path

    def _check_layout(self) -> None:
        file = self.path / "layout"
        if not file.exists():
            write_private(file, f"{LAYOUT_VERSION}\n")
        version = file.read_text(encoding="utf-8").strip()
        if not version.isdecimal():
            raise StartupError(
                f"The file {file} does not contain a layout version: {self.path} is not a data folder of Music Studio."
            )
        if int(version) > LAYOUT_VERSION:
            raise StartupError(
                f"The data folder {self.path} was created by a newer Music Studio (layout {version}; this version "
                f"supports {LAYOUT_VERSION}): update Music Studio, or choose another folder with --data-dir."
            )


def check_free_space(path: Path, min_bytes: int = MIN_FREE_BYTES) -> None:
    """Raise StartupError if the disk has less than `min_bytes` of free space."""
    free = shutil.disk_usage(path).free
    if free < min_bytes:
        raise StartupError(
            f"The disk of {path} has {free // 1024**2} MB left and Music Studio needs {min_bytes // 1024**2} MB "
            "to start: free some space, or choose another folder with --data-dir."
        )


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600 atomically."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
