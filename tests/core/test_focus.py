"""Playback position of focus sessions."""

from datetime import timedelta

import pytest

from core import clock, focus
from core.focus import OPENING_SECONDS, SEGMENT_SECONDS, PlaybackClock

IDLE = timedelta(minutes=10)
NOW = clock.now()


def ago(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_the_position_is_zero_before_the_first_segment_is_ready() -> None:
    assert PlaybackClock(None, 0.0, NOW - ago(300)).playhead_seconds(NOW, IDLE) == 0.0


def test_the_clock_starts_with_the_first_segment() -> None:
    start = PlaybackClock(NOW - ago(30), 0.0, NOW - ago(40))
    assert start.playhead_seconds(NOW, IDLE) == 30.0
    assert start.advance(NOW, IDLE) == PlaybackClock(NOW - ago(30), 30.0, NOW)


def test_the_position_does_not_depend_on_the_number_of_requests() -> None:
    start = PlaybackClock(NOW - ago(500), 0.0, NOW - ago(510))
    updated = start
    for seconds in range(490, -1, -10):
        updated = updated.advance(NOW - ago(seconds), IDLE)
    assert updated == start.advance(NOW, IDLE) == PlaybackClock(NOW - ago(500), 500.0, NOW)


def test_the_clock_stops_for_an_idle_listener_and_resumes_with_the_next_request() -> None:
    start = PlaybackClock(NOW - ago(3600), 0.0, NOW - ago(3600))
    assert start.is_idle(NOW, IDLE)
    assert start.playhead_seconds(NOW, IDLE) == 600.0
    resumed = start.advance(NOW, IDLE)
    assert not resumed.is_idle(NOW, IDLE)
    assert resumed.playhead_seconds(NOW + ago(5), IDLE) == 605.0


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
def test_the_segment_at_a_position(seconds: float, index: int) -> None:
    assert focus.segment_at(10, seconds) == index


def test_the_longest_stride() -> None:
    strides = [
        focus.stride_seconds(minutes, index)
        for minutes in range(1, focus.MAX_MINUTES + 1)
        for index in range(focus.total_segments(minutes))
    ]
    assert max(strides) == focus.LONGEST_STRIDE_SECONDS


def test_gaps_are_not_played() -> None:
    start = PlaybackClock(NOW - ago(100), 0.0, NOW - ago(100), gap_seconds=30.0)
    assert start.playhead_seconds(NOW, IDLE) == 70.0
    later = start.advance(NOW, IDLE)
    assert later == PlaybackClock(NOW - ago(100), 100.0, NOW, 30.0)
    assert later.playhead_seconds(NOW + ago(5), IDLE) == 75.0


def test_the_planned_starts_of_segments() -> None:
    assert [focus.planned_start_seconds(10, index) for index in range(5)] == [0.0, 20.0, 140.0, 260.0, 380.0]
