"""Make changes of files survive a loss of power."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, from the cache of the system to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
