"""Errors of the operating system that mean that there is no space left for files."""

import errno
from typing import Final

DISK_FULL_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The disk is full, or the quota of the user."""
