from dataclasses import replace

import pytest

from core.focus import Goal, Intensity
from engines.focus_port import FocusControls, Segment
from engines.studio.arranging import interpretation
from engines.studio.arranging.segment_form import ARRIVAL
from engines.studio.composing.drums import CRASH
from engines.studio.focus import crossfades, segments
from engines.studio.focus.planner import plan_segment
from engines.studio.focus.tempos import TEMPO_STEP
from engines.studio.model.composition import LAST_CHORD
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key, parse_chord
from tests.support.audio.focus_segments import FOCUS, STRIDE, compose_segment, plan_segments

ALL = [
    FocusControls(goal, intensity, 0.5) for goal in Goal if goal is not Goal.CUSTOM_PROMPT for intensity in Intensity
]
NAMES = [f"{controls.goal}-{controls.intensity}" for controls in ALL]


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_overlaps_share_a_chord_and_have_one_set_of_exclusive_parts(controls: FocusControls) -> None:
    first, second = plan_segments([controls, controls, controls])[:2]
    (outgoing, outgoing_form), (incoming, incoming_form) = compose_segment(first), compose_segment(second)
    key = Key(related_keys.parse_key(first.grid.key).tonic, related_keys.parse_key(first.grid.key).family)
    tonic = parse_chord("i" if key.is_minor else "I", key).root
    assert {
        span.chord.root
        for span in outgoing.composition.chords
        if span.start >= outgoing_form.beats - outgoing_form.overlap_out - 0.01
    } == {tonic}
    assert {
        span.chord.root for span in incoming.composition.chords if span.start < incoming_form.overlap_in - 0.01
    } == {tonic}
    for arranged, start, end in (
        (outgoing, 0.0, outgoing_form.handover_beats[1]),
        (incoming, incoming_form.handover_beats[0], incoming_form.beats),
    ):
        for part in arranged.parts:
            if part.stem in crossfades.EXCLUSIVE_STEMS:
                notes = arranged.composition.notes[part.name]
                assert all(start <= note.start and note.start + note.beats <= end + 0.01 for note in notes)
                assert not any(note.pitch == CRASH and 0.0 < note.start - start < 0.5 for note in notes if start)


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_segments_have_no_silent_bars(controls: FocusControls) -> None:
    for segment in plan_segments([controls] * 3):
        arranged, form = compose_segment(segment)
        notes = sorted(
            (note.start, note.start + note.beats) for notes in arranged.composition.notes.values() for note in notes
        )
        assert notes[0][0] < 0.1
        assert max(end for _, end in notes) > form.beats - 0.5
        sounding = 0.0
        for start, end in notes:
            assert start < sounding + 4.0
            sounding = max(sounding, end)


def test_sleep_sessions_have_no_drums() -> None:
    for intensity in Intensity:
        for segment in plan_segments([FocusControls(Goal.SLEEP, intensity, 1.0)] * 3):
            assert not any(part.stem == "drums" for part in compose_segment(segment)[0].parts)


def test_segments_share_chords_and_motifs_only_without_divergence() -> None:
    def identity(divergence: float) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for segment in plan_segments([FocusControls(Goal.FOCUS, divergence=divergence)] * 4):
            effective = segments.interpret_segment(segment).effective
            rows.append((effective.style.key, str(effective.style.progressions), effective.motifs["A"].rhythm))
        return rows

    assert len(set(identity(0.0))) == 1
    assert len(set(identity(1.0))) == 4


@pytest.mark.parametrize("divergence", [0.0, 1.0])
def test_instruments_change_by_segment_except_those_that_the_prompt_names(divergence: float) -> None:
    controls = FocusControls(Goal.FOCUS, divergence=divergence, prompt="lofi with vibraphone")
    line_ups = []
    for segment in plan_segments([controls] * 8):
        parts = segments.interpret_segment(segment).effective.style.parts
        line_ups.append(tuple(part.instrument for part in parts))
        assert "vibraphone" in line_ups[-1]
    assert len(set(line_ups)) >= 3


def test_a_new_tempo_begins_where_the_overlap_ends() -> None:
    controls = [FocusControls(Goal.SLEEP, divergence=1.0)] * 4
    planned = plan_segments(controls, seed=5)
    segment = next(one for one in planned if one.grid.first_downbeat_ms)
    assert segment.before is not None
    _, form = compose_segment(segment)
    ratio = form.tempo / segment.grid.tempo_bpm
    assert form.lead == (form.overlap_in, segment.before.overlap_ms / 1000.0)
    assert form.overlap_in / form.lead[1] * 60.0 == pytest.approx(ratio * segment.before.tempo_bpm, rel=1e-3)
    assert form.seconds_at(form.beats) == pytest.approx(segment.grid.duration_seconds, abs=0.01)
    assert form.seconds_at(form.overlap_in + form.tempo / 60.0) == pytest.approx(form.lead[1] + 1.0)


def test_segments_have_different_notes_even_without_divergence() -> None:
    first, second = (compose_segment(segment)[0] for segment in plan_segments([FocusControls(Goal.FOCUS)] * 3)[:2])
    assert first.composition.motifs != second.composition.motifs
    assert first.composition.notes != second.composition.notes


def test_a_prompt_changes_style_and_instruments_but_not_the_form() -> None:
    prompt = "techno with flute, no bass, fading out"
    segment = plan_segments([FocusControls(Goal.FOCUS, prompt=prompt)] * 2)[0]
    interpreted, (arranged, form) = segments.interpret_segment(segment), compose_segment(segment)
    assert interpreted.effective.style.key == "techno"
    assert "flute" in {part.instrument for part in arranged.parts}
    assert max(part.delay_ms + 2.45 * part.timing_jitter_ms for part in arranged.parts) < 10.0
    assert "bass" not in {part.stem for part in arranged.parts}
    assert interpreted.notes == (segments.FORM_NOTE,)
    assert not form.is_last


def test_a_tempo_or_metre_unlike_that_of_the_session_is_reported() -> None:
    first = plan_segments([FOCUS] * 2)[0]
    controls = FocusControls(Goal.FOCUS, prompt="140 bpm in 3/4")
    segment = Segment(
        1,
        7,
        controls,
        plan_segment(controls, 7, 1, STRIDE, first.grid, session_seconds=3600.0, is_last=False),
        first.grid,
        FOCUS,
    )
    interpreted = segments.interpret_segment(segment)
    composition = compose_segment(segment)[0].composition
    approximations = interpretation.find_approximations(interpreted, composition)
    assert {approximation.asked: approximation.given for approximation in approximations} == {
        "140 bpm": f"{first.grid.tempo_bpm:g} bpm",
        "3/4": "4/4",
    }


@pytest.mark.parametrize(
    ("prompt", "tempo", "ratio"), [("drum and bass", 84.0, 2.0), ("ambient", 132.0, 0.5), ("lofi", 78.0, 1.0)]
)
def test_a_style_outside_its_tempo_range_has_double_or_half_the_beats(prompt: str, tempo: float, ratio: float) -> None:
    first = plan_segments([FocusControls(Goal.CUSTOM_PROMPT, prompt=f"{tempo:g} bpm")] * 2)[0].grid
    controls = FocusControls(Goal.CUSTOM_PROMPT, prompt=prompt)
    stride = 240.0 * 8 / tempo
    before = replace(first, tempo_bpm=tempo)
    grid = plan_segment(controls, 7, 1, stride, before, session_seconds=3600.0, is_last=False)
    segment = Segment(1, 7, controls, grid, before, controls)
    arranged, form = compose_segment(segment)
    assert abs(grid.tempo_bpm - tempo) <= TEMPO_STEP
    assert form.tempo == ratio * grid.tempo_bpm
    assert form.seconds_at(arranged.composition.beats) == pytest.approx(grid.duration_seconds, abs=0.01)
    assert all(section.beats % 4 == 0 for section in arranged.composition.sections)


def test_the_only_segment_of_a_session_has_no_overlaps() -> None:
    arranged, form = compose_segment(plan_segments([FOCUS])[0])
    names = [section.name for section in arranged.composition.sections]
    assert form.is_last
    assert form.overlap_in == form.overlap_out == 0.0
    assert names[-1] == LAST_CHORD
    assert ARRIVAL not in names
