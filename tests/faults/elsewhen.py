"""Our command line in a process whose clock is wrong by so many minutes."""

import sys
import time
from datetime import UTC, datetime, timedelta

from core import clock

_SHIFT = timedelta(minutes=float(sys.argv.pop(1)))
_true_time = time.time


def now() -> datetime:
    """What this process takes for the present."""
    return datetime.now(UTC) + _SHIFT


if __name__ == "__main__":
    # before anything else is imported: whoever asks the time asks here
    clock.now = now
    time.time = lambda: _true_time() + _SHIFT.total_seconds()
    from server.cli import commands

    commands.main()
