"""The data folder: which rooms it has, which layout it follows, where its secrets and logs lie, and its space."""

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from server.embedded.errors import StartupError, translate_os_errors

LAYOUT = 1
NEEDED_BYTES = 256 * 1024**2
MAX_LOG_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder on disk; nothing is touched before `prepare`."""

    path: Path

    @property
    def postgres(self) -> Path:
        """The Postgres cluster."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only files."""
        return self.path / "valkey"

    def prepare(self) -> None:
        """Make the rooms that are missing; refuse a folder of a newer layout or on a full disk."""
        with translate_os_errors(self.path):
            self._check_layout()
            for room in ("secrets", "logs"):
                (self.path / room).mkdir(mode=0o700, exist_ok=True)
            check_free_space(self.path)

    def ensure_secret(self, name: str) -> str:
        """Give the secret of that name, made at the first call and kept in a file only its owner reads."""
        path = self.path / "secrets" / name
        with translate_os_errors(self.path):
            if not path.exists():
                write_private(path, secrets.token_urlsafe(32))
            return path.read_text(encoding="utf-8").strip()

    def log_file(self, name: str) -> Path:
        """Give the path of a service's log; one that has grown large steps aside first."""
        path = self.path / "logs" / f"{name}.log"
        with translate_os_errors(self.path):
            if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
        return path

    def _check_layout(self) -> None:
        stamp = self.path / "layout"
        if not stamp.exists():
            write_private(stamp, f"{LAYOUT}\n")
        text = stamp.read_text(encoding="utf-8").strip()
        if not text.isdecimal():
            raise StartupError(
                f"The file {stamp} does not hold a layout number: {self.path} is not a data folder of ours."
            )
        if int(text) > LAYOUT:
            raise StartupError(
                f"The data folder {self.path} was made by a newer Music Studio (layout {text} where this one "
                f"knows {LAYOUT}): update Music Studio, or choose another folder with --data-dir."
            )


def check_free_space(path: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Refuse a disk with less than `needed_bytes` left."""
    free = shutil.disk_usage(path).free
    if free < needed_bytes:
        raise StartupError(
            f"The disk of {path} has {free // 1024**2} MB left and Music Studio needs {needed_bytes // 1024**2} MB "
            "to start: free some space, or choose another folder with --data-dir."
        )


def write_private(path: Path, text: str) -> None:
    """Write a 0600 file that is either whole or absent, whatever happens meanwhile."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
