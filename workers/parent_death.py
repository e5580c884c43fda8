"""Children that do not outlive their parent."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """In a child: end at once when the parent does, however that ends. Elsewhere than on Linux see ``is_cut``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if is_orphaned(parent):
        os._exit(1)


def is_orphaned(parent: int) -> bool:
    """In a child: whether the parent is gone."""
    return os.getppid() != parent
