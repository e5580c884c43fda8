"""Shift the clock of the current process."""

import sys
import time
from datetime import UTC, datetime, timedelta

from core import clock

_true_time = time.time


def shift(minutes: float) -> None:
    """Replace every reference to `clock.now` and `time.time` in loaded modules by a shifted one."""
    offset = timedelta(minutes=minutes)

    def now() -> datetime:
        return datetime.now(UTC) + offset

    _replace(clock.now, now)
    _replace(_true_time, lambda: _true_time() + offset.total_seconds())


def _replace(old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if module.__name__ != __name__:
            for name in [name for name, value in vars(module).items() if value is old]:
                setattr(module, name, new)
