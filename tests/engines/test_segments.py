import hashlib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.focus import likenesses, measurements, player, scores, sessions
from benchmarks.focus.measurements import Join
from benchmarks.focus.sessions import Heard
from core.focus import Goal, Intensity
from engines.port import SAMPLE_RATE, Controls, Rendering, Segment
from engines.studio import arrangement, intent, joins, layout, relations, segments
from engines.studio.arrangement import Arrangement
from engines.studio.form import LAST_CHORD
from engines.studio.grids import plan
from engines.studio.layout import ARRIVAL, DEPARTURE, Layout
from engines.studio.rhythm import CRASH
from engines.studio.theory import Key, chord
from tests.engines.performances import samples, true_peak_dbtp

FOCUS = Controls(Goal.FOCUS, divergence=0.3)
STEERED = Controls(Goal.FOCUS, Intensity.HIGH, 0.3, "techno with piano")
STORY = [FOCUS, FOCUS, STEERED]
STRIDE = 18.0
ALL = [Controls(goal, intensity, 0.5) for goal in Goal if goal is not Goal.CUSTOM_PROMPT for intensity in Intensity]
NAMES = [f"{one.goal}-{one.intensity}" for one in ALL]


def chain(controls: list[Controls], seed: int = 7) -> list[Segment]:
    """Short segments, the last of which ends."""
    made: list[Segment] = []
    for index, wanted in enumerate(controls):
        last = made[-1] if made else None
        ends = index == len(controls) - 1
        before, controls_before = (last.grid, last.controls) if last else (None, None)
        grid = plan(wanted, seed, index, STRIDE, before, is_last=ends)
        made.append(Segment(index, seed, wanted, grid, before, controls_before, ends))
    return made


def composed(segment: Segment) -> tuple[Arrangement, Layout]:
    meant = segments.intent(segment)
    laid = layout.of(segment, meant.played.style)
    piece = arrangement.compose(meant.played, segment.grid.duration_seconds, meant.seed, laid)
    return joins.fitted(piece, laid), laid


@pytest.fixture(scope="module")
def opening() -> Heard:
    """The first of three segments."""
    return sessions.heard(chain(STORY)[0])


@pytest.fixture(scope="module")
def ending() -> Heard:
    """The last of them, which is steered to another style."""
    return sessions.heard(chain(STORY)[2])


@pytest.fixture(scope="module")
def heard(opening: Heard, middle: Rendering, ending: Heard) -> list[Heard]:
    """All three; each is rendered on its own, in any order."""
    between = Heard(chain(STORY)[1], samples(middle.master), middle.score, "", middle.facts.loudness_lufs)
    return [opening, between, ending]


@pytest.fixture(scope="module")
def measured(heard: list[Heard]) -> list[Join]:
    """What is heard where they meet."""
    return [measurements.measured(one, other) for one, other in pairwise(heard)]


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """The second of them, as the engine gives it."""
    return sessions.rendering(chain(STORY)[1], tmp_path_factory.mktemp("middle"))


def test_a_segment_is_the_same_whenever_it_is_made(opening: Heard) -> None:
    again = sessions.heard(chain(STORY)[0])
    digests = {hashlib.sha256(one.sound.tobytes()).hexdigest() for one in (opening, again)}
    assert len(digests) == 1
    assert (again.score, again.loudness_lufs) == (opening.score, opening.loudness_lufs)


def test_only_the_last_segment_comes_to_an_end(opening: Heard, ending: Heard) -> None:
    def level(sound: sessions.Sound) -> float:
        return float(10 * np.log10(np.mean(np.square(sound))))

    for one in (opening, ending):
        body, end = level(one.sound), level(one.sound[-SAMPLE_RATE // 10 :])
        assert (end < body - 40.0) == one.segment.is_last
        assert level(one.sound[: SAMPLE_RATE // 2]) > body - 20.0


def test_segments_are_as_long_as_their_grids_say(heard: list[Heard]) -> None:
    for one in heard:
        assert len(one.sound) == round(one.grid.duration_seconds * SAMPLE_RATE)
    bar = 240.0 / heard[0].grid.tempo_bpm
    assert player.total_seconds(heard) == pytest.approx(STRIDE * len(heard), abs=bar)


def test_a_join_keeps_the_loudness(measured: list[Join]) -> None:
    assert max(join.deviation for join in measured) < 1.5


def test_a_join_keeps_the_pulse(measured: list[Join]) -> None:
    assert sum(join.beats for join in measured) >= 6
    assert max(join.beat_ms for join in measured) <= 10.0
    assert max(join.note_ms for join in measured) <= 10.0


def test_a_join_does_not_clip(measured: list[Join]) -> None:
    assert max(join.peak_dbtp for join in measured) <= 0.0


def test_a_join_has_no_step_in_the_spectrum_and_no_echo_of_itself(measured: list[Join]) -> None:
    assert max(join.step_db for join in measured) < 8.0
    assert max(abs(join.likeness) for join in measured) < 0.2


def test_segments_of_a_session_are_not_alike(heard: list[Heard]) -> None:
    sound, page = likenesses.most([(likenesses.small(one), likenesses.bars(one)) for one in heard])
    assert sound < 0.5
    assert page < 0.5


def test_segments_have_the_loudness_of_their_goal_from_start_to_end(heard: list[Heard]) -> None:
    for one in heard[:2]:
        assert one.loudness_lufs == pytest.approx(-16.0, abs=0.1)
        levels = measurements.short_term(one.sound)
        assert np.abs(levels + 16.0).max() < 1.5
        assert true_peak_dbtp(one.sound) <= -1.0


def test_a_segment_has_all_that_a_track_has(middle: Rendering) -> None:
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


def test_the_report_compares_with_what_the_grid_asked(middle: Rendering) -> None:
    grid, told = chain(STORY)[1].grid, middle.report
    assert told is not None
    assert (told.tempo_bpm.requested, told.tempo_bpm.delivered) == (grid.tempo_bpm, grid.tempo_bpm)
    assert (told.key.requested, told.key.delivered) == (grid.key, grid.key)
    assert told.loudness_lufs.requested == -16.0
    assert told.duration_seconds.requested == grid.duration_seconds


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_overlaps_share_a_chord_and_no_two_bands_play_in_them(controls: Controls) -> None:
    one, other = chain([controls, controls, controls])[:2]
    (leaving, before), (arriving, after) = composed(one), composed(other)
    home = Key(relations.key(one.grid.key).tonic, relations.key(one.grid.key).family)
    tonic = chord("i" if home.is_minor else "I", home).root
    assert {span.chord.root for span in leaving.piece.spans if span.start >= before.beats - before.tail - 0.01} == {
        tonic
    }
    assert {span.chord.root for span in arriving.piece.spans if span.start < after.head - 0.01} == {tonic}
    for side, start, end in ((leaving, 0.0, before.switches[1]), (arriving, after.switches[0], after.beats)):
        for part in side.parts:
            if part.stem in joins.ALONE:
                notes = side.piece.lines[part.name].notes
                assert all(start <= note.beat and note.beat + note.beats <= end + 0.01 for note in notes)
                assert not any(note.pitch == CRASH and 0.0 < note.beat - start < 0.5 for note in notes if start)


@pytest.mark.parametrize("controls", ALL, ids=NAMES)
def test_somebody_plays_from_the_first_beat_to_the_last(controls: Controls) -> None:
    for segment in chain([controls] * 3):
        piece, laid = composed(segment)
        notes = sorted(
            (note.beat, note.beat + note.beats) for line in piece.piece.lines.values() for note in line.notes
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
            played = segments.intent(segment).played
            band = tuple(part.instrument for part in played.style.parts)
            rows.append((played.style.key, band, str(played.style.progressions), played.motifs["A"].rhythm))
        return rows

    assert len(set(identity(0.0))) == 1
    assert len(set(identity(1.0))) == 4


def test_even_siblings_play_other_notes() -> None:
    one, other = (composed(segment)[0] for segment in chain([Controls(Goal.FOCUS)] * 3)[:2])
    assert one.piece.motifs != other.piece.motifs
    assert one.piece.lines != other.piece.lines


def test_a_prompt_steers_style_and_instruments_but_not_the_form() -> None:
    words = "techno with flute, no bass, fading out"
    segment = chain([Controls(Goal.FOCUS, prompt=words)] * 2)[0]
    meant, (piece, laid) = segments.intent(segment), composed(segment)
    assert meant.played.style.key == "techno"
    assert "flute" in {part.instrument for part in piece.parts}
    assert max(part.late + 2.45 * part.loose for part in piece.parts) < 10.0
    assert "bass" not in {part.stem for part in piece.parts}
    assert meant.notes == (segments.FORM_NOTE,)
    assert not laid.is_last


def test_a_tempo_or_metre_that_the_session_does_not_have_is_told() -> None:
    first = chain([FOCUS] * 2)[0]
    controls = Controls(Goal.FOCUS, prompt="140 bpm in 3/4")
    segment = Segment(1, 7, controls, plan(controls, 7, 1, STRIDE, first.grid, is_last=False), first.grid, FOCUS)
    meant = segments.intent(segment)
    told = {one.asked: one.given for one in intent.approximated(meant, composed(segment)[0].piece)}
    assert told == {"140 bpm": f"{first.grid.tempo_bpm:g} bpm", "3/4": "4/4"}


@pytest.mark.parametrize(
    ("words", "tempo", "pace"), [("drum and bass", 84.0, 2.0), ("ambient", 132.0, 0.5), ("lofi", 78.0, 1.0)]
)
def test_a_style_out_of_its_element_counts_twice_or_half_the_beats(words: str, tempo: float, pace: float) -> None:
    first = chain([Controls(Goal.CUSTOM_PROMPT, prompt=f"{tempo:g} bpm")] * 2)[0].grid
    controls = Controls(Goal.CUSTOM_PROMPT, prompt=words)
    grid = plan(controls, 7, 1, 240.0 * 8 / tempo, replace(first, tempo_bpm=tempo), is_last=False)
    segment = Segment(1, 7, controls, grid, first, controls)
    piece, laid = composed(segment)
    assert laid.tempo == pace * tempo
    assert piece.piece.beats == pytest.approx(pace * grid.duration_seconds * tempo / 60.0, abs=0.01)
    assert all(section.beats % 4 == 0 for section in piece.piece.sections)


def test_a_session_of_one_segment_begins_and_ends() -> None:
    piece, laid = composed(chain([FOCUS])[0])
    names = [section.name for section in piece.piece.sections]
    assert laid.is_last
    assert laid.head == laid.tail == 0.0
    assert names[-1] == LAST_CHORD
    assert ARRIVAL not in names


def test_the_fades_of_a_player_hold_the_power() -> None:
    rise, fall = np.sin(np.pi / 2 * player.ramp(1000)), np.cos(np.pi / 2 * player.ramp(1000))
    assert np.allclose(rise**2 + fall**2, 1.0)


def test_notes_of_the_score_lie_within_ten_milliseconds_of_their_beats(heard: list[Heard]) -> None:
    for one in heard:
        late = [abs(error) for _, error in scores.errors(one, 0.0, one.grid.duration_seconds - 5.0)]
        assert len(late) > 20
        assert max(late) < 0.010
