"""A clock that is wrong, for the process that calls this."""

import sys
import time
from datetime import UTC, datetime, timedelta

from core import clock

_true_time = time.time


def shift(minutes: float) -> None:
    """Whoever asks for the time from now on, by whichever name, is told one that is wrong by so many minutes."""
    shift = timedelta(minutes=minutes)

    def now() -> datetime:
        return datetime.now(UTC) + shift

    _replace(clock.now, now)
    _replace(_true_time, lambda: _true_time() + shift.total_seconds())


def _replace(old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if module.__name__ != __name__:
            for name in [name for name, value in vars(module).items() if value is old]:
                setattr(module, name, new)
