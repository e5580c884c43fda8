"""The lock file of a data folder, which also describes the process that holds it."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from server.embedded.errors import StartupError, translate_os_errors

FILE_NAME = "studio.lock"
# `read_holder` holds the lock for an instant
ACQUIRE_SECONDS = 0.5
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the lock, the URL of its server (empty until it is known) and its services' ports."""

    pid: int
    address: str = ""
    postgres_port: int = 0
    valkey_port: int = 0


class Lock:
    """`studio.lock`, an advisory lock that is released at the latest when the process exits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._holder = Holder(os.getpid())

    def acquire(self) -> None:
        """Raise StartupError if another process holds the lock."""
        with translate_os_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._folder / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600)
            if not _flock(descriptor, fcntl.LOCK_EX):
                holder = _read(descriptor)
                os.close(descriptor)
                raise StartupError(_already_running_message(self._folder, holder))
        self._descriptor = descriptor
        self._holder = Holder(os.getpid())
        self.update()

    def update(self, **fields: str | int) -> None:
        """Change fields of `Holder` in the file."""
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        self._holder = replace(self._holder, **fields)  # type: ignore[arg-type]
        with translate_os_errors(self._folder):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(asdict(self._holder)).encode(), 0)

    def release(self) -> None:
        """Release the lock. The file is not removed: two processes could then hold locks on different files."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def read_holder(folder: Path) -> Holder | None:
    """Return the process that runs on `folder`, or None."""
    with translate_os_errors(folder):
        try:
            descriptor = os.open(folder / FILE_NAME, os.O_RDWR)
        except FileNotFoundError:
            return None
    try:
        return None if _flock(descriptor, fcntl.LOCK_SH, 0) else _read(descriptor)
    finally:
        os.close(descriptor)


def _flock(descriptor: int, kind: int, timeout_seconds: float = ACQUIRE_SECONDS) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True


def _read(descriptor: int) -> Holder:
    text = os.pread(descriptor, 4096, 0)
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return Holder(0)


def _already_running_message(folder: Path, holder: Holder) -> str:
    address = f" at {holder.address}" if holder.address else ""
    process = f" (process {holder.pid})" if holder.pid else ""
    return (
        f"Music Studio already runs on the data folder {folder}{address}{process}: "
        "use that one, stop it first, or choose another folder with --data-dir."
    )
