"""The lock on a data folder, and what its holder says about itself in it."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from server.embedded.errors import StartupError, translate_os_errors

# a look by `read` holds the lock for an instant
PATIENCE_SECONDS = 0.5
PULSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs on the folder: its process, the address it serves (once known) and the ports of its services."""

    pid: int
    address: str = ""
    postgres_port: int = 0
    valkey_port: int = 0


class Lock:
    """`studio.lock`, held from `take` to `release` or to the end of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._holder = Holder(os.getpid())

    def acquire(self) -> None:
        """Take the lock; refuse in a sentence when somebody has it."""
        with translate_os_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(_path(self._folder), os.O_RDWR | os.O_CREAT, 0o600)
            if not _acquire(descriptor, fcntl.LOCK_EX):
                holder = _read(descriptor)
                os.close(descriptor)
                raise StartupError(_taken(self._folder, holder))
        self._descriptor = descriptor
        self._holder = Holder(os.getpid())
        self.update()

    def update(self, **facts: str | int) -> None:
        """Write facts about us, fields of `Holder`, where others can read them."""
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        self._holder = replace(self._holder, **facts)  # type: ignore[arg-type]
        with translate_os_errors(self._folder):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps(asdict(self._holder)).encode(), 0)

    def release(self) -> None:
        """Let go; the file stays, for removing it would let two hold it."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def read_holder(folder: Path) -> Holder | None:
    """Give who runs on `folder`, or None when nobody does."""
    try:
        with translate_os_errors(folder):
            descriptor = os.open(_path(folder), os.O_RDWR)
    except StartupError as refusal:
        if isinstance(refusal.__cause__, FileNotFoundError):
            return None
        raise
    try:
        return None if _acquire(descriptor, fcntl.LOCK_SH, 0) else _read(descriptor)
    finally:
        os.close(descriptor)


def _path(folder: Path) -> Path:
    return folder / "studio.lock"


def _acquire(descriptor: int, kind: int, patience: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(PULSE_SECONDS)
        else:
            return True


def _read(descriptor: int) -> Holder:
    text = os.pread(descriptor, 4096, 0)
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return Holder(0)


def _taken(folder: Path, holder: Holder) -> str:
    where = f" at {holder.address}" if holder.address else ""
    which = f" (process {holder.pid})" if holder.pid else ""
    return (
        f"Music Studio already runs on the data folder {folder}{where}{which}: "
        "use that one, stop it first, or choose another folder with --data-dir."
    )
