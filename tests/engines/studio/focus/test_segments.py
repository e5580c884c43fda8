import hashlib
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.focus import note_onsets, player, session_renders, similarity, transitions
from benchmarks.focus.session_renders import RenderedSegment
from benchmarks.focus.transitions import Transition
from engines.port import SAMPLE_RATE, RenderResult
from engines.studio.arranging.segment_form import ARRIVAL, DEPARTURE
from tests.support.audio.focus_segments import CONTROLS, STRIDE, plan_segments
from tests.support.audio.studio_renders import samples, true_peak_dbtp


@pytest.fixture(scope="module")
def opening() -> RenderedSegment:
    """Return the first of three segments."""
    return session_renders.render_segment(plan_segments(CONTROLS)[0])


@pytest.fixture(scope="module")
def ending() -> RenderedSegment:
    """Return the last of three segments, in another style."""
    return session_renders.render_segment(plan_segments(CONTROLS)[2])


@pytest.fixture(scope="module")
def rendered(opening: RenderedSegment, middle: RenderResult, ending: RenderedSegment) -> list[RenderedSegment]:
    """Return all three segments, which are rendered independently."""
    between = RenderedSegment(
        plan_segments(CONTROLS)[1], samples(middle.master), middle.score, "", middle.facts.loudness_lufs
    )
    return [opening, between, ending]


@pytest.fixture(scope="module")
def measured(rendered: list[RenderedSegment]) -> list[Transition]:
    """Return measurements of the transitions."""
    return [transitions.measure_transition(one, other) for one, other in pairwise(rendered)]


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> RenderResult:
    """Return the render result of the second of three segments."""
    return session_renders.render_to_workspace(plan_segments(CONTROLS)[1], tmp_path_factory.mktemp("middle"))


def test_rendering_a_segment_is_deterministic(opening: RenderedSegment) -> None:
    again = session_renders.render_segment(plan_segments(CONTROLS)[0])
    digests = {hashlib.sha256(one.audio.tobytes()).hexdigest() for one in (opening, again)}
    assert len(digests) == 1
    assert (again.score, again.loudness_lufs) == (opening.score, opening.loudness_lufs)


def test_only_the_last_segment_has_an_ending(opening: RenderedSegment, ending: RenderedSegment) -> None:
    def level(sound: session_renders.Samples) -> float:
        return float(10 * np.log10(np.mean(np.square(sound))))

    for one in (opening, ending):
        body, end = level(one.audio), level(one.audio[-SAMPLE_RATE // 10 :])
        assert (end < body - 40.0) == one.segment.is_last
        assert level(one.audio[: SAMPLE_RATE // 2]) > body - 20.0


def test_segments_have_the_length_of_their_grids(rendered: list[RenderedSegment]) -> None:
    for one in rendered:
        assert len(one.audio) == round(one.grid.duration_seconds * SAMPLE_RATE)
    bar = 240.0 / rendered[0].grid.tempo_bpm
    assert player.total_seconds(rendered) == pytest.approx(STRIDE * len(rendered), abs=bar)


def test_a_transition_has_constant_loudness(measured: list[Transition]) -> None:
    assert max(join.deviation for join in measured) < 1.5


def test_a_transition_has_a_steady_pulse(measured: list[Transition]) -> None:
    assert sum(join.beat_count for join in measured) >= 6
    assert max(join.beat_ms for join in measured) <= 10.0
    assert max(join.note_ms for join in measured) <= 10.0


def test_a_transition_does_not_clip(measured: list[Transition]) -> None:
    assert max(join.peak_dbtp for join in measured) <= 0.0


def test_a_transition_has_no_spectral_step_and_no_repetition(measured: list[Transition]) -> None:
    assert max(join.step_db for join in measured) < 8.0
    assert max(abs(join.correlation) for join in measured) < 0.2


def test_segments_of_a_session_differ(rendered: list[RenderedSegment]) -> None:
    sound, page = similarity.highest_similarities(
        [(similarity.normalized_mono(one), similarity.pitched_bars(one)) for one in rendered]
    )
    assert sound < 0.5
    assert page < 0.5


def test_segments_have_the_loudness_of_their_goal_throughout(rendered: list[RenderedSegment]) -> None:
    for one in rendered[:2]:
        assert one.loudness_lufs == pytest.approx(-16.0, abs=0.1)
        levels = transitions.short_term_loudness(one.audio)
        assert np.abs(levels + 16.0).max() < 1.5
        assert true_peak_dbtp(one.audio) <= -1.0


def test_a_segment_has_the_contents_of_a_track(middle: RenderResult) -> None:
    grid = plan_segments(CONTROLS)[1].grid
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


def test_the_report_compares_with_the_grid(middle: RenderResult) -> None:
    grid, report = plan_segments(CONTROLS)[1].grid, middle.report
    assert report is not None
    assert (report.tempo_bpm.requested, report.tempo_bpm.delivered) == (grid.tempo_bpm, grid.tempo_bpm)
    assert (report.key.requested, report.key.delivered) == (grid.key, grid.key)
    assert report.loudness_lufs.requested == -16.0
    assert report.duration_seconds.requested == grid.duration_seconds


def test_the_fades_of_a_player_have_equal_power() -> None:
    rise, fall = np.sin(np.pi / 2 * player.fade_progress(1000)), np.cos(np.pi / 2 * player.fade_progress(1000))
    assert np.allclose(rise**2 + fall**2, 1.0)


def test_notes_of_the_score_are_within_ten_milliseconds_of_their_beats(rendered: list[RenderedSegment]) -> None:
    for one in rendered:
        late = [abs(error) for _, error in note_onsets.beat_deviations(one, 0.0, one.grid.duration_seconds - 5.0)]
        assert len(late) > 20
        assert max(late) < 0.010
