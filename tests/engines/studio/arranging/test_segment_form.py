from dataclasses import replace

import pytest

from core.focus import Goal, Intensity
from engines.focus_port import Controls, Segment
from engines.studio.arranging import interpretation
from engines.studio.arranging.segment_form import ARRIVAL
from engines.studio.composing.drums import CRASH
from engines.studio.focus import crossfades, segments
from engines.studio.focus.planner import plan_segment
from engines.studio.model.plan import LAST_CHORD
from engines.studio.theory import related_keys
from engines.studio.theory.pitch import Key, parse_chord
from tests.support.focus_segments import FOCUS, STRIDE, chain, composed

ALL = [Controls(goal, intensity, 0.5) for goal in Goal if goal is not Goal.CUSTOM_PROMPT for intensity in Intensity]
NAMES = [f"{one.goal}-{one.intensity}" for one in ALL]


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_overlaps_share_a_chord_and_no_two_bands_play_in_them(controls: Controls) -> None:
    one, other = chain([controls, controls, controls])[:2]
    (leaving, before), (arriving, after) = composed(one), composed(other)
    home = Key(related_keys.parse_key(one.grid.key).tonic, related_keys.parse_key(one.grid.key).family)
    tonic = parse_chord("i" if home.is_minor else "I", home).root
    assert {
        span.chord.root for span in leaving.composition.chords if span.start >= before.beats - before.overlap_out - 0.01
    } == {tonic}
    assert {span.chord.root for span in arriving.composition.chords if span.start < after.overlap_in - 0.01} == {tonic}
    for side, start, end in (
        (leaving, 0.0, before.handover_beats[1]),
        (arriving, after.handover_beats[0], after.beats),
    ):
        for part in side.parts:
            if part.stem in crossfades.EXCLUSIVE_STEMS:
                notes = side.composition.notes[part.name]
                assert all(start <= note.start and note.start + note.beats <= end + 0.01 for note in notes)
                assert not any(note.pitch == CRASH and 0.0 < note.start - start < 0.5 for note in notes if start)


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_somebody_plays_from_the_first_beat_to_the_last(controls: Controls) -> None:
    for segment in chain([controls] * 3):
        piece, laid = composed(segment)
        notes = sorted(
            (note.start, note.start + note.beats) for notes in piece.composition.notes.values() for note in notes
        )
        assert notes[0][0] < 0.1
        assert max(end for _, end in notes) > laid.beats - 0.5
        sounding = 0.0
        for start, end in notes:
            assert start < sounding + 4.0
            sounding = max(sounding, end)


def test_nobody_drums_anyone_to_sleep() -> None:
    for intensity in Intensity:
        for segment in chain([Controls(Goal.SLEEP, intensity, 1.0)] * 3):
            assert not any(part.stem == "drums" for part in composed(segment)[0].parts)


def test_siblings_share_band_chords_and_motifs_and_journeys_do_not() -> None:
    def identity(divergence: float) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for segment in chain([Controls(Goal.FOCUS, divergence=divergence)] * 4):
            played = segments.interpret_segment(segment).effective
            band = tuple(part.instrument for part in played.style.parts)
            rows.append((played.style.key, band, str(played.style.progressions), played.motifs["A"].rhythm))
        return rows

    assert len(set(identity(0.0))) == 1
    assert len(set(identity(1.0))) == 4


def test_even_siblings_play_other_notes() -> None:
    one, other = (composed(segment)[0] for segment in chain([Controls(Goal.FOCUS)] * 3)[:2])
    assert one.composition.motifs != other.composition.motifs
    assert one.composition.notes != other.composition.notes


def test_a_prompt_steers_style_and_instruments_but_not_the_form() -> None:
    words = "techno with flute, no bass, fading out"
    segment = chain([Controls(Goal.FOCUS, prompt=words)] * 2)[0]
    meant, (piece, laid) = segments.interpret_segment(segment), composed(segment)
    assert meant.effective.style.key == "techno"
    assert "flute" in {part.instrument for part in piece.parts}
    assert max(part.delay_ms + 2.45 * part.timing_jitter_ms for part in piece.parts) < 10.0
    assert "bass" not in {part.stem for part in piece.parts}
    assert meant.notes == (segments.FORM_NOTE,)
    assert not laid.is_last


def test_a_tempo_or_metre_that_the_session_does_not_have_is_told() -> None:
    first = chain([FOCUS] * 2)[0]
    controls = Controls(Goal.FOCUS, prompt="140 bpm in 3/4")
    segment = Segment(
        1, 7, controls, plan_segment(controls, 7, 1, STRIDE, first.grid, is_last=False), first.grid, FOCUS
    )
    meant = segments.interpret_segment(segment)
    told = {one.asked: one.given for one in interpretation.find_approximations(meant, composed(segment)[0].composition)}
    assert told == {"140 bpm": f"{first.grid.tempo_bpm:g} bpm", "3/4": "4/4"}


@pytest.mark.parametrize(
    ("words", "tempo", "pace"), [("drum and bass", 84.0, 2.0), ("ambient", 132.0, 0.5), ("lofi", 78.0, 1.0)]
)
def test_a_style_out_of_its_element_counts_twice_or_half_the_beats(words: str, tempo: float, pace: float) -> None:
    first = chain([Controls(Goal.CUSTOM_PROMPT, prompt=f"{tempo:g} bpm")] * 2)[0].grid
    controls = Controls(Goal.CUSTOM_PROMPT, prompt=words)
    grid = plan_segment(controls, 7, 1, 240.0 * 8 / tempo, replace(first, tempo_bpm=tempo), is_last=False)
    segment = Segment(1, 7, controls, grid, first, controls)
    piece, laid = composed(segment)
    assert laid.tempo == pace * tempo
    assert piece.composition.beats == pytest.approx(pace * grid.duration_seconds * tempo / 60.0, abs=0.01)
    assert all(section.beats % 4 == 0 for section in piece.composition.sections)


def test_a_session_of_one_segment_begins_and_ends() -> None:
    piece, laid = composed(chain([FOCUS])[0])
    names = [section.name for section in piece.composition.sections]
    assert laid.is_last
    assert laid.overlap_in == laid.overlap_out == 0.0
    assert names[-1] == LAST_CHORD
    assert ARRIVAL not in names
