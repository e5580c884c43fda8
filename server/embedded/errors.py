"""Errors of the embedded services, with messages for the user."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.disk_space import DISK_FULL_ERRNOS

PERMISSION_ERRNOS = frozenset({errno.EACCES, errno.EPERM})


class StartupError(Exception):
    """A service cannot start. The message is a complete sentence for the user."""


class KilledDuringStartError(StartupError):
    """A signal ended a service before it was ready: another start can succeed."""


@contextmanager
def translate_os_errors(folder: Path) -> Iterator[None]:
    """Raise StartupError for an OSError that occurs while files below `folder` are accessed."""
    try:
        yield
    except OSError as error:
        raise StartupError(_message(error, folder)) from error


def disk_full_message(folder: Path) -> str:
    return f"There is no space left on the disk of {folder}: free some, then start again."


def mentions_full_disk(output: str) -> bool:
    """Return whether a program's output contains the operating system's message for a full disk."""
    return any(os.strerror(number) in output for number in DISK_FULL_ERRNOS)


def last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1]


def _message(error: OSError, folder: Path) -> str:
    if error.errno in DISK_FULL_ERRNOS:
        return disk_full_message(folder)
    path = error.filename2 or error.filename or folder
    if error.errno == errno.EROFS:
        return f"The data folder {folder} is on a disk that is mounted read-only: choose another with --data-dir."
    if error.errno in PERMISSION_ERRNOS:
        return (
            f"The data folder {folder} cannot be used because {path} is not accessible to this user: "
            "start as the user who created it, or choose another folder with --data-dir."
        )
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"The data folder {folder} cannot be used because {path} is a file or is below one."
    if error.errno == errno.ENAMETOOLONG:
        return f"The name of the data folder {folder} is too long for this system: choose another with --data-dir."
    return f"The data folder {folder} cannot be used: {error.strerror or error} ({path})."
