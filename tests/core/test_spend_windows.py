"""Calendar windows of spend caps."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core import spend_windows
from core.spend_windows import Window


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        (Window.DAY, (2026, 12, 31), (2027, 1, 1)),
        (Window.WEEK, (2026, 12, 28), (2027, 1, 4)),
        (Window.MONTH, (2026, 12, 1), (2027, 1, 1)),
    ],
)
def test_windows_are_aligned(window: Window, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert spend_windows.start(window, now) == datetime(*start, tzinfo=UTC)
    assert spend_windows.end(window, now) == datetime(*end, tzinfo=UTC)


def test_windows_are_aligned_in_utc_for_any_time_zone() -> None:
    late_in_tokyo = datetime(2026, 3, 1, 2, 0, tzinfo=timezone(timedelta(hours=9)))
    assert spend_windows.start(Window.MONTH, late_in_tokyo) == datetime(2026, 2, 1, tzinfo=UTC)
