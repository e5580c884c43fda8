import io
import itertools
from functools import cache
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.port import RenderRequest
from engines.studio.analysis import metre_detection, tempo_and_key
from engines.studio.arranging import arrangement, continuation, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.composing.drums import PEDAL
from engines.studio.model.composition import Composition
from engines.studio.model.plan import LAST_CHORD
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory.metre import COMMON_TIME, METRES, Metre, metre_named
from tests.support.studio_renders import render

OTHERS = [name for name in METRES if name != "4/4"]
GRID = 0.25
PAIRS = [
    (key, name) for name in OTHERS for key in sorted(STYLES) if name in {"3/4", "6/8"} or key in {"folk", "techno"}
]
STRIPS = st.text(alphabet="Xxog?.", min_size=1, max_size=8).map(lambda row: row * 4)


@cache
def composed(text: str, seconds: float = 60.0, seed: int = 3, *, loop: bool = False) -> Arrangement:
    meant = interpretation.interpret(RenderRequest(text, seconds, seed, loop=loop))
    return arrangement.compose(meant.effective, seconds, meant.seed)


def weights(piece: Composition) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """How much is struck in each quarter of a beat, up to the last chord."""
    heard = np.zeros(int(piece.sections[-1].start / GRID))
    for notes in piece.notes.values():
        for note in notes:
            place = round(note.start / GRID)
            if place < len(heard):
                heard[place] += note.velocity
    return heard


def likeness(heard: "np.ndarray[tuple[int], np.dtype[np.float64]]", beats: float) -> float:
    lag, centred = round(beats / GRID), heard - heard.mean()
    return float(np.mean(centred[:-lag] * centred[lag:]) / centred.var())


@pytest.mark.parametrize("metre", METRES.values(), ids=list(METRES))
def test_a_metre_is_as_long_as_its_name_says(metre: Metre) -> None:
    beats, unit = (int(figure) for figure in metre.name.split("/"))
    assert metre.bar_length == 4.0 * beats / unit
    assert [start for start, _ in metre.pulses_between(0.0, metre.bar_length)] == list(metre.pulse_starts)
    assert [metre.metric_weight(start) for start in metre.pulse_starts] == [2, *[1] * (len(metre.pulses) - 1)]
    assert len(metre.bar_starts(8 * metre.bar_length, 5 * metre.bar_length)) == 5


@pytest.mark.parametrize("metre", METRES.values(), ids=list(METRES))
@pytest.mark.parametrize("count", range(1, 9))
def test_chords_that_share_a_bar_fill_it_from_beat_to_beat(metre: Metre, count: int) -> None:
    shares = metre.chord_lengths(count)
    edges = list(itertools.accumulate(shares, initial=0.0))
    assert len(shares) == count
    assert min(shares) > 0
    assert edges[-1] == pytest.approx(metre.progression_bar)
    if count <= len(metre.pulses) and metre is not COMMON_TIME:
        assert all(metre.metric_weight(edge) for edge in edges)


@given(marks=STRIPS, number=st.integers(0, 9), name=st.sampled_from(sorted(METRES)), is_half_time=st.booleans())
def test_any_strip_can_be_played_in_any_metre(marks: str, number: int, name: str, is_half_time: bool) -> None:  # noqa: FBT001
    metre = METRES[name]
    strip = metre.adapt_pattern(marks, number, is_half_time=is_half_time, fill_eighths=True)
    assert set(strip) <= set("Xxog?.")
    assert (len(strip) * metre.grid / metre.bar_length) % 1 == 0
    if number % len(metre.source_beats) == 0:
        assert strip[0] == marks[0]


@pytest.mark.parametrize(
    ("name", "marks", "bars"),
    [
        ("4/4", "X...o...X...o...", ("X...o...X...o...",)),
        ("2/4", "X.x.o.g.", ("X.x.", "o.g.")),
        ("3/4", "X...o...x...g...", ("X...o...g...",)),
        ("5/4", "X.o.x.g.", ("X.o.g.x.g.",)),
        ("7/8", "X.o.x.g.", ("X.o.x.g",)),
        ("7/8", "Xoxg", ("X.o.x.g",)),
        ("6/8", "X.o.x.o.X.x.x.o.", ("Xgoxgo", "Xoxxgo")),
        ("6/8", "Xo.xX..x", ("Xgo..x", "X....x")),
        ("9/8", "XxxoxxgxxxggX...", ("XxxxxxX..",)),
        ("12/8", "xoxoxoxo", ("xgoxgoxgoxgo",)),
        ("12/8", "Xoxxooxxxxxx", ("Xoxxooxxxxxx",)),
    ],
)
def test_a_strip_in_four_keeps_its_beats(name: str, marks: str, bars: tuple[str, ...]) -> None:
    metre = METRES[name]
    assert [metre.adapt_pattern(marks, number, fill_eighths=True) for number in range(len(bars))] == list(bars)


@pytest.mark.parametrize(("key", "name"), PAIRS)
def test_every_style_is_played_in_the_metre_that_was_asked(key: str, name: str) -> None:
    piece, metre = composed(f"{STYLES[key].keywords[0]}, {name}").composition, METRES[name]
    assert piece.metre == name
    assert all(section.start % metre.progression_bar == 0 for section in piece.sections)
    assert all(metre.metric_weight(span.start) for span in piece.chords)
    assert sum(metre.metric_weight(span.start) == 2 for span in piece.chords) > 0.8 * len(piece.chords)
    heard = weights(piece)
    own = max(likeness(heard, metre.bar_length), likeness(heard, metre.progression_bar))
    others = [
        other for other in (2.0, 2.5, 3.0, 3.5, 4.0, 5.0) if other % metre.bar_length and metre.bar_length % other
    ]
    assert own > max(likeness(heard, other) for other in others) - 0.1


@pytest.mark.parametrize(("key", "name"), [pair for pair in PAIRS if pair[0] != "reggae"])
def test_bars_are_felt_by_their_first_beat(key: str, name: str) -> None:
    piece, metre = composed(f"{STYLES[key].keywords[0]}, {name}").composition, METRES[name]
    heard, size = weights(piece), round(metre.bar_length / GRID)
    bars = heard[: len(heard) // size * size].reshape(-1, size).mean(axis=0)
    first, *rest = (bars[round(start / GRID)] for start in metre.pulse_starts)
    assert first > 0.85 * max(rest)


def test_a_groove_may_have_bars_of_its_own_for_a_metre() -> None:
    feet = [note.start % 3 for note in composed("jazz waltz").composition.notes["drums"] if note.pitch == PEDAL]
    assert feet.count(1.0) > 2 * feet.count(2.0) > 0


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("a slow waltz", "3/4"), ("Walzer", "3/4"), ("valse musette", "3/4"), ("un vals", "3/4"), ("un valzer", "3/4"),
        ("3/4", "3/4"), ("in three-four", "3/4"), ("Dreivierteltakt", "3/4"), ("jazz waltz", "3/4"), ("minuet", "3/4"),
        ("6/8", "6/8"), ("in six-eight", "6/8"), ("a jig", "6/8"), ("eine Tarantella", "6/8"), ("une gigue", "6/8"),
        ("seis por ocho", "6/8"), ("6/8-Takt", "6/8"), ("sechs Achtel", "6/8"), ("sei ottavi", "6/8"),
        ("six huit", "6/8"), ("Fünfvierteltakt", "5/4"), ("cinq temps", "5/4"), ("5/4", "5/4"),
        ("seven eight", "7/8"), ("7/8", "7/8"), ("12/8 blues", "12/8"), ("twelve eight", "12/8"), ("9/8", "9/8"),
        ("a march", "2/4"), ("4/4", "4/4"), ("", "4/4"),
    ],
)  # fmt: skip
def test_a_metre_is_read_by_its_names(words: str, name: str) -> None:
    assert composed(words, 20.0).composition.metre == name


@pytest.mark.parametrize(("asked", "given"), [("11/8", "4/4"), ("3/2", "3/4"), ("6/4", "3/4"), ("5/8", "5/4")])
def test_a_metre_that_is_not_played_is_told_with_what_comes_near(asked: str, given: str) -> None:
    brief = reader.read(f"rock in {asked}", ())
    assert [(one.asked, one.given) for one in brief.words_approximated] == [(asked, given)]
    assert metre_named(asked).name == given


def test_the_first_metre_that_was_named_is_played_and_the_second_told() -> None:
    brief = reader.read("a waltz in 6/8", ())
    assert brief.metre == "6/8"
    assert [(one.asked, one.given) for one in brief.words_approximated] == [("waltz", "6/8")]


@pytest.mark.parametrize("name", OTHERS)
def test_a_tempo_counts_the_beats_that_are_felt(name: str) -> None:
    piece, metre = composed(f"rock, {name}, 96 bpm").composition, METRES[name]
    assert piece.counted_tempo == pytest.approx(96.0)
    assert piece.tempo == pytest.approx(144.0 if metre.is_compound else 96.0)


@settings(max_examples=25, deadline=None)
@given(
    key=st.sampled_from(sorted(STYLES)),
    name=st.sampled_from([*METRES, "11/8", "3/2", "15/16"]),
    words=st.sampled_from(["", "slow build", "drop in the middle", "fade out", "ABA", "83 bpm", "211 bpm", "no drums"]),
    seconds=st.floats(1.0, 600.0),
    loop=st.booleans(),
)
def test_any_metre_fits_any_length(key: str, name: str, words: str, seconds: float, loop: bool) -> None:  # noqa: FBT001
    piece = composed(f"{STYLES[key].keywords[0]}, {name}, {words}", seconds, loop=loop).composition
    metre = METRES[piece.metre]
    assert piece.beats * 60.0 / piece.tempo == pytest.approx(seconds)
    assert piece.sections[0].start == 0.0
    assert all(one.end == pytest.approx(two.start) for one, two in itertools.pairwise(piece.sections))
    assert all(section.start % metre.progression_bar == 0 for section in piece.sections)
    assert any(piece.notes.values())
    assert all(0 <= note.start < piece.beats for notes in piece.notes.values() for note in notes)
    if loop:
        assert (piece.beats / metre.grid) % 1 == 0


@pytest.mark.parametrize("name", OTHERS)
def test_a_loop_is_whole_bars(name: str) -> None:
    piece, metre = composed(f"house, {name}", 20.0, loop=True).composition, METRES[name]
    assert piece.beats % metre.bar_length == 0
    assert LAST_CHORD not in {section.name for section in piece.sections}


@pytest.mark.parametrize("name", OTHERS)
def test_a_continued_piece_stays_in_its_metre(name: str) -> None:
    meant = interpretation.interpret(RenderRequest(f"folk, {name}", 40.0, 3))
    first = arrangement.compose(meant.effective, 40.0, meant.seed)
    kept = continuation.build_continuation(meant.effective, first, meant.seed)
    assert kept.data["metre"] == name
    assert kept.data["grid_seconds"] == pytest.approx(
        60.0 * METRES[name].bar_length / first.composition.tempo, abs=1e-5
    )
    then = interpretation.interpret(RenderRequest("go on in 4/4", 40.0, 4, continue_from=kept))
    second = arrangement.compose(then.effective, 40.0, then.seed).composition
    assert second.metre == name
    assert second.counted_tempo == pytest.approx(first.composition.counted_tempo, abs=1e-5)
    assert second.motifs["A"].rhythm == first.composition.motifs["A"].rhythm
    assert ("4/4", name) in {(one.asked, one.given) for one in interpretation.find_approximations(then, second)}


@pytest.mark.parametrize(("text", "name"), [("folk waltz in D major", "3/4"), ("rock in 6/8, 96 bpm", "6/8")])
def test_the_score_of_a_track_is_written_in_its_metre(tmp_path: Path, text: str, name: str) -> None:
    track, metre = render(tmp_path, text, 24.0), METRES[name]
    file = mido.MidiFile(file=io.BytesIO(track.score.midi))
    signature = next(message for message in file.tracks[0] if message.type == "time_signature")
    assert f"{signature.numerator}/{signature.denominator}" == name
    assert signature.clocks_per_click == 24 * metre.counted_beat
    tick, marks = 0, []
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "marker":
            marks.append(tick / file.ticks_per_beat)
    assert all(mark % metre.bar_length == 0 for mark in marks)
    starts = [0] * round(metre.bar_length * 4)
    for part in file.tracks[1:]:
        tick = 0
        for message in part:
            tick += message.time
            if message.type == "note_on":
                starts[round(4 * tick / file.ticks_per_beat) % len(starts)] += message.velocity
    assert max(starts) == starts[0]
    assert track.report is not None
    assert (track.facts.metre, track.report.metre.requested, track.report.metre.delivered) == (name, name, name)
    assert track.report.metre.measured in {name, None}
    assert track.report.tempo_bpm.measured == pytest.approx(track.facts.tempo_bpm, rel=0.01)


def clicks(beats: int, tempo: float, seconds: float = 40.0) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """A low tone on the first beat of every bar, a higher one on the others."""
    sound = np.zeros(round(seconds * tempo_and_key.REDUCED_RATE), dtype=np.float32)
    step = 60.0 / tempo * tempo_and_key.REDUCED_RATE
    axis = np.arange(round(0.6 * step)) / tempo_and_key.REDUCED_RATE
    for number in range(int(len(sound) / step) - 1):
        hertz = 70.0 if number % beats == 0 else 190.0
        start = round(number * step)
        sound[start : start + len(axis)] += (np.sin(2 * np.pi * hertz * axis) * np.exp(-6 * axis)).astype(np.float32)
    return sound


@pytest.mark.parametrize(("beats", "name"), [(3, "3/4"), (4, "4/4"), (5, "5/4"), (7, "7/4")])
def test_the_number_of_beats_in_a_bar_is_heard(beats: int, name: str) -> None:
    for delivered in (COMMON_TIME, METRES["3/4"]):
        assert metre_detection.detect_metre(clicks(beats, 104.0), 104.0, delivered) == name


def test_how_a_beat_is_divided_is_taken_from_what_was_delivered() -> None:
    assert metre_detection.detect_metre(clicks(4, 104.0), 104.0, METRES["12/8"]) == "12/8"
    assert metre_detection.detect_metre(clicks(4, 104.0), 104.0, METRES["6/8"]) == "6/8"
    assert metre_detection.detect_metre(clicks(3, 104.0), 104.0, METRES["6/8"]) == "3/4"
    assert metre_detection.detect_metre(clicks(3, 104.0), 104.0, METRES["9/8"]) == "9/8"


def test_no_metre_is_heard_in_noise_silence_or_a_moment() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.1, round(40 * tempo_and_key.REDUCED_RATE)).astype(np.float32)
    assert metre_detection.detect_metre(noise, 104.0, COMMON_TIME) is None
    assert metre_detection.detect_metre(np.zeros_like(noise), 104.0, COMMON_TIME) is None
    assert metre_detection.detect_metre(clicks(4, 104.0, 3.0), 104.0, COMMON_TIME) is None
