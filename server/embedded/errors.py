"""The one exception of the embedded services, and the words for what a disk or a folder can refuse."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class StartupError(Exception):
    """The embedded services cannot start; the text is one sentence for the person who tried."""


@contextmanager
def translate_os_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses while we write below `folder` into a sentence."""
    try:
        yield
    except OSError as error:
        raise StartupError(refusal(error, folder)) from error


def disk_full_message(folder: Path) -> str:
    """Say that the disk of `folder` is full."""
    return f"There is no space left on the disk of {folder}: free some, then start again."


def mentions_full_disk(said: str) -> bool:
    """Whether a program's words mean a full disk."""
    return any(os.strerror(number) in said for number in FULL)


def refusal(error: OSError, folder: Path) -> str:
    """Say in one sentence why the operating system did not let us write below `folder`."""
    if error.errno in FULL:
        return disk_full_message(folder)
    culprit = error.filename2 or error.filename or folder
    if error.errno == errno.EROFS:
        return f"The data folder {folder} lies on a disk that is mounted read-only: choose another with --data-dir."
    if error.errno in FORBIDDEN:
        return (
            f"The data folder {folder} cannot be used because {culprit} is closed to this user: "
            "start as the user who made it, or choose another folder with --data-dir."
        )
    if error.errno in {errno.EEXIST, errno.ENOTDIR}:
        return f"The data folder {folder} cannot be used because {culprit} is a file or lies below one."
    if error.errno == errno.ENAMETOOLONG:
        return f"The name of the data folder {folder} is too long for this system: choose another with --data-dir."
    return f"The data folder {folder} cannot be used: {error.strerror or error} ({culprit})."
