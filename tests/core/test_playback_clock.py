"""The listener's clock."""

from datetime import timedelta

import pytest

from core import clock, playback_clock
from core.focus import OPENING_SECONDS, SEGMENT_SECONDS
from core.playback_clock import PlaybackClock

IDLE = timedelta(minutes=10)
NOW = clock.now()


def ago(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_nothing_has_run_before_the_first_segment_is_ready() -> None:
    assert PlaybackClock(None, 0.0, NOW - ago(300)).playhead_seconds(NOW, IDLE) == 0.0


def test_music_runs_from_the_first_segment_on() -> None:
    heard = PlaybackClock(NOW - ago(30), 0.0, NOW - ago(40))
    assert heard.playhead_seconds(NOW, IDLE) == 30.0
    assert heard.advance(NOW, IDLE) == PlaybackClock(NOW - ago(30), 30.0, NOW)


def test_asking_often_or_seldom_makes_no_difference() -> None:
    heard = PlaybackClock(NOW - ago(500), 0.0, NOW - ago(510))
    often = heard
    for seconds in range(490, -1, -10):
        often = often.advance(NOW - ago(seconds), IDLE)
    assert often == heard.advance(NOW, IDLE) == PlaybackClock(NOW - ago(500), 500.0, NOW)


def test_the_clock_of_an_idle_listener_stands_still_and_goes_on_when_they_are_back() -> None:
    heard = PlaybackClock(NOW - ago(3600), 0.0, NOW - ago(3600))
    assert heard.is_idle(NOW, IDLE)
    assert heard.playhead_seconds(NOW, IDLE) == 600.0
    back = heard.advance(NOW, IDLE)
    assert not back.is_idle(NOW, IDLE)
    assert back.playhead_seconds(NOW + ago(5), IDLE) == 605.0


@pytest.mark.parametrize(
    ("seconds", "index"),
    [
        (0.0, 0),
        (OPENING_SECONDS - 0.1, 0),
        (OPENING_SECONDS, 1),
        (OPENING_SECONDS + SEGMENT_SECONDS, 2),
        (599.0, 4),
        (9e9, 4),
    ],
)
def test_which_segment_plays(seconds: float, index: int) -> None:
    assert playback_clock.segment_at(10, seconds) == index


def test_where_segments_are_planned_to_begin() -> None:
    assert [playback_clock.planned_start_seconds(10, index) for index in range(5)] == [0.0, 20.0, 140.0, 260.0, 380.0]
