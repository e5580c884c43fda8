"""Temporary folders for rendered audio, removed with the job, or later if the job was killed."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.disk_space import DISK_FULL_ERRNOS
from core.errors import Unavailable
from engines.port import RenderCancelledError

_PREFIX: Final = "music-studio-job-"
_LOCK_FILE: Final = ".held"
_MIN_FREE_BYTES: Final = 1 << 20
_GRACE_SECONDS: Final = 1.0
"""A folder younger than this may not be locked yet."""


@contextmanager
def folder(parent: Path | None) -> Iterator[Path]:
    """Create a locked folder for the body, in ``parent`` or the system's temporary folder.

    Raises Unavailable if the body fails because the disk is full, so that the job is retried later.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        lock = os.open(Path(name) / _LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            # the kernel releases this lock however the process ends
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)
        except RenderCancelledError:
            raise
        except Exception as error:
            # check before the folder is removed, which frees the space
            if _is_disk_full(error, Path(name)):
                raise Unavailable("Disk is full") from error
            raise
        finally:
            os.close(lock)


def check_space(parent: Path | None, min_free_bytes: int) -> None:
    """Raise Unavailable if the disk of the temporary folders has less free space, before a render that would fail."""
    if shutil.disk_usage(parent or tempfile.gettempdir()).free < min_free_bytes:
        raise Unavailable("The disk of the scratch folder is full")


def _is_disk_full(error: Exception, path: Path) -> bool:
    """Check the disk as well as the error: libraries replace the system's error by their own."""
    if isinstance(error, OSError) and error.errno in DISK_FULL_ERRNOS:
        return True
    with suppress(OSError):
        return shutil.disk_usage(path).free < _MIN_FREE_BYTES
    return False


def remove_abandoned(parent: Path | None) -> int:
    """Remove the folders of killed jobs and return their number."""
    locks = Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK_FILE}")
    return sum(_remove(lock) for lock in locks)


def _remove(lock: Path) -> bool:
    """Remove a folder unless it is locked, too young, or owned by another user."""
    with suppress(OSError):
        if time.time() - lock.stat().st_mtime < _GRACE_SECONDS:
            return False
        handle = os.open(lock, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)
        finally:
            os.close(handle)
        return True
    return False
