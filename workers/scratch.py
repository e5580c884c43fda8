"""Folders for audio in the making: gone with the job, and swept when a job was killed."""

import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.errors import Unavailable
from engines.port import RenderCancelledError

_PREFIX: Final = "music-studio-job-"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_HELD: Final = ".held"
_LEAST_BYTES: Final = 1 << 20
_YOUNG_SECONDS: Final = 1.0
"""A folder younger than this may not be locked yet."""


@contextmanager
def folder(parent: Path | None) -> Iterator[Path]:
    """A folder that is ours while the body runs, in ``parent`` or the system's place for such.

    Raises Unavailable when a disk is full: that is nobody's fault, and over one day.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent, ignore_cleanup_errors=True) as name:
        held = os.open(Path(name) / _HELD, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            # the kernel lets go of it however we end
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(name)
        except RenderCancelledError:
            raise
        except Exception as error:
            # looked at now: what fills the disk goes with the folder
            if _lacks_room(error, Path(name)):
                raise Unavailable("Disk is full") from error
            raise
        finally:
            os.close(held)


def _lacks_room(error: Exception, place: Path) -> bool:
    """Whether something broke because a disk is full, whatever a library made of the system's error."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    with suppress(OSError):
        return shutil.disk_usage(place).free < _LEAST_BYTES
    return False


def remove_abandoned(parent: Path | None) -> int:
    """Remove the folders of jobs that were killed; how many."""
    found = Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*/{_HELD}")
    return sum(_remove(held) for held in found)


def _remove(held: Path) -> bool:
    """Remove one folder unless somebody holds it; other users' are none of ours."""
    with suppress(OSError):
        if time.time() - held.stat().st_mtime < _YOUNG_SECONDS:
            return False
        handle = os.open(held, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(held.parent)
        finally:
            os.close(handle)
        return True
    return False
