import hashlib
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.focus import note_onsets, player, session_renders, similarity, transitions
from benchmarks.focus.session_renders import RenderedSegment
from benchmarks.focus.transitions import Transition
from engines.port import SAMPLE_RATE, RenderResult
from engines.studio.arranging.segment_form import ARRIVAL, DEPARTURE
from tests.support.focus_segments import STORY, STRIDE, chain
from tests.support.studio_renders import samples, true_peak_dbtp


@pytest.fixture(scope="module")
def opening() -> RenderedSegment:
    """The first of three segments."""
    return session_renders.render_segment(chain(STORY)[0])


@pytest.fixture(scope="module")
def ending() -> RenderedSegment:
    """The last of them, which is steered to another style."""
    return session_renders.render_segment(chain(STORY)[2])


@pytest.fixture(scope="module")
def heard(opening: RenderedSegment, middle: RenderResult, ending: RenderedSegment) -> list[RenderedSegment]:
    """All three; each is rendered on its own, in any order."""
    between = RenderedSegment(chain(STORY)[1], samples(middle.master), middle.score, "", middle.facts.loudness_lufs)
    return [opening, between, ending]


@pytest.fixture(scope="module")
def measured(heard: list[RenderedSegment]) -> list[Transition]:
    """What is heard where they meet."""
    return [transitions.measure_transition(one, other) for one, other in pairwise(heard)]


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    """The second of them, as the engine gives it."""
    return session_renders.render_to_workspace(chain(STORY)[1], tmp_path_factory.mktemp("middle"))


def test_a_segment_is_the_same_whenever_it_is_made(opening: RenderedSegment) -> None:
    again = session_renders.render_segment(chain(STORY)[0])
    digests = {hashlib.sha256(one.audio.tobytes()).hexdigest() for one in (opening, again)}
    assert len(digests) == 1
    assert (again.score, again.loudness_lufs) == (opening.score, opening.loudness_lufs)


def test_only_the_last_segment_comes_to_an_end(opening: RenderedSegment, ending: RenderedSegment) -> None:
    def level(sound: session_renders.Samples) -> float:
        return float(10 * np.log10(np.mean(np.square(sound))))

    for one in (opening, ending):
        body, end = level(one.audio), level(one.audio[-SAMPLE_RATE // 10 :])
        assert (end < body - 40.0) == one.segment.is_last
        assert level(one.audio[: SAMPLE_RATE // 2]) > body - 20.0


def test_segments_are_as_long_as_their_grids_say(heard: list[RenderedSegment]) -> None:
    for one in heard:
        assert len(one.audio) == round(one.grid.duration_seconds * SAMPLE_RATE)
    bar = 240.0 / heard[0].grid.tempo_bpm
    assert player.total_seconds(heard) == pytest.approx(STRIDE * len(heard), abs=bar)


def test_a_join_keeps_the_loudness(measured: list[Transition]) -> None:
    assert max(join.deviation for join in measured) < 1.5


def test_a_join_keeps_the_pulse(measured: list[Transition]) -> None:
    assert sum(join.beat_count for join in measured) >= 6
    assert max(join.beat_ms for join in measured) <= 10.0
    assert max(join.note_ms for join in measured) <= 10.0


def test_a_join_does_not_clip(measured: list[Transition]) -> None:
    assert max(join.peak_dbtp for join in measured) <= 0.0


def test_a_join_has_no_step_in_the_spectrum_and_no_echo_of_itself(measured: list[Transition]) -> None:
    assert max(join.step_db for join in measured) < 8.0
    assert max(abs(join.correlation) for join in measured) < 0.2


def test_segments_of_a_session_are_not_alike(heard: list[RenderedSegment]) -> None:
    sound, page = similarity.highest_similarities(
        [(similarity.normalized_mono(one), similarity.pitched_bars(one)) for one in heard]
    )
    assert sound < 0.5
    assert page < 0.5


def test_segments_have_the_loudness_of_their_goal_from_start_to_end(heard: list[RenderedSegment]) -> None:
    for one in heard[:2]:
        assert one.loudness_lufs == pytest.approx(-16.0, abs=0.1)
        levels = transitions.short_term_loudness(one.audio)
        assert np.abs(levels + 16.0).max() < 1.5
        assert true_peak_dbtp(one.audio) <= -1.0


def test_a_segment_has_all_that_a_track_has(middle: RenderResult) -> None:
    grid = chain(STORY)[1].grid
    assert middle.title == "Focus 2"
    assert {"drums", "harmony"} <= set(middle.stems) <= {"drums", "bass", "harmony", "melody", "texture"}
    assert all(stem.frames == middle.master.frames for stem in middle.stems.values())
    assert middle.score.midi.startswith(b"MThd")
    assert middle.score.sections[0].name == ARRIVAL
    assert middle.score.sections[-1].name == DEPARTURE
    assert middle.score.chords[-1].end_ms == round(middle.master.frames * 1000 / SAMPLE_RATE)
    assert (middle.facts.tempo_bpm, middle.facts.key, middle.facts.metre) == (grid.tempo_bpm, grid.key, "4/4")
    assert 4 <= len(middle.palette) <= 6
    assert middle.continuation is not None


def test_the_report_compares_with_what_the_grid_asked(middle: RenderResult) -> None:
    grid, told = chain(STORY)[1].grid, middle.report
    assert told is not None
    assert (told.tempo_bpm.requested, told.tempo_bpm.delivered) == (grid.tempo_bpm, grid.tempo_bpm)
    assert (told.key.requested, told.key.delivered) == (grid.key, grid.key)
    assert told.loudness_lufs.requested == -16.0
    assert told.duration_seconds.requested == grid.duration_seconds


def test_the_fades_of_a_player_hold_the_power() -> None:
    rise, fall = np.sin(np.pi / 2 * player.fade_progress(1000)), np.cos(np.pi / 2 * player.fade_progress(1000))
    assert np.allclose(rise**2 + fall**2, 1.0)


def test_notes_of_the_score_lie_within_ten_milliseconds_of_their_beats(heard: list[RenderedSegment]) -> None:
    for one in heard:
        late = [abs(error) for _, error in note_onsets.beat_deviations(one, 0.0, one.grid.duration_seconds - 5.0)]
        assert len(late) > 20
        assert max(late) < 0.010
