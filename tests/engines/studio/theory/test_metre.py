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
from engines.studio.model.composition import LAST_CHORD
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from engines.studio.theory.metre import COMMON_TIME, METRES, Metre, metre_named
from tests.support.audio.studio_renders import render

OTHERS = [name for name in METRES if name != "4/4"]
GRID = 0.25
PAIRS = [
    (key, name) for name in OTHERS for key in sorted(STYLES) if name in {"3/4", "6/8"} or key in {"folk", "techno"}
]
PATTERNS = st.text(alphabet="Xxog?.", min_size=1, max_size=8).map(lambda pattern: pattern * 4)


@cache
def compose(text: str, seconds: float = 60.0, seed: int = 3, *, loop: bool = False) -> Arrangement:
    interpreted = interpretation.interpret(RenderRequest(text, seconds, seed, loop=loop))
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed)


@cache
def onset_strengths(text: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the sum of the velocities in each quarter of a beat, up to the last chord."""
    composition = compose(text).composition
    onsets = np.zeros(int(composition.sections[-1].start / GRID))
    for notes in composition.notes.values():
        for note in notes:
            index = round(note.start / GRID)
            if index < len(onsets):
                onsets[index] += note.velocity
    return onsets


def autocorrelation(onsets: "np.ndarray[tuple[int], np.dtype[np.float64]]", beats: float) -> float:
    lag, centred = round(beats / GRID), onsets - onsets.mean()
    return float(np.mean(centred[:-lag] * centred[lag:]) / centred.var())


@pytest.mark.parametrize("metre", METRES.values(), ids=list(METRES))
def test_a_bar_has_the_length_of_its_metre(metre: Metre) -> None:
    beats, unit = (int(number) for number in metre.name.split("/"))
    assert metre.bar_length == 4.0 * beats / unit
    assert [start for start, _ in metre.pulses_between(0.0, metre.bar_length)] == list(metre.pulse_starts)
    assert [metre.metric_weight(start) for start in metre.pulse_starts] == [2, *[1] * (len(metre.pulses) - 1)]
    assert len(metre.bar_starts(8 * metre.bar_length, 5 * metre.bar_length)) == 5


@pytest.mark.parametrize("metre", METRES.values(), ids=list(METRES))
@pytest.mark.parametrize("count", range(1, 9))
def test_chords_that_share_a_bar_change_on_pulses(metre: Metre, count: int) -> None:
    lengths = metre.chord_lengths(count)
    edges = list(itertools.accumulate(lengths, initial=0.0))
    assert len(lengths) == count
    assert lengths[0] > 0
    assert edges[-1] == pytest.approx(metre.progression_bar)
    if metre is not COMMON_TIME:
        assert all(metre.metric_weight(edge) for edge in edges)
    if count <= len(metre.pulses):
        assert min(lengths) > 0


@given(marks=PATTERNS, number=st.integers(0, 9), name=st.sampled_from(sorted(METRES)), is_half_time=st.booleans())
def test_any_pattern_can_be_adapted_to_any_metre(marks: str, number: int, name: str, is_half_time: bool) -> None:  # noqa: FBT001
    metre = METRES[name]
    adapted = metre.adapt_pattern(marks, number, is_half_time=is_half_time, fill_eighths=True)
    assert set(adapted) <= set("Xxog?.")
    assert (len(adapted) * metre.grid / metre.bar_length) % 1 == 0
    if number % len(metre.source_beats) == 0:
        assert adapted[0] == marks[0]


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
def test_a_pattern_is_adapted_beat_by_beat(name: str, marks: str, bars: tuple[str, ...]) -> None:
    metre = METRES[name]
    assert [metre.adapt_pattern(marks, number, fill_eighths=True) for number in range(len(bars))] == list(bars)


LATE_ACCENTS = {"reggae", "ska", "waltz", "mariachi"}
"""Styles whose accompaniment accents later beats."""


@pytest.mark.parametrize(("key", "name"), PAIRS)
def test_every_style_can_be_played_in_a_requested_metre(key: str, name: str) -> None:
    composition, metre = compose(f"{STYLES[key].keywords[0]}, {name}").composition, METRES[name]
    assert composition.metre == name
    assert all(section.start % metre.progression_bar == 0 for section in composition.sections)
    assert all(metre.metric_weight(span.start) for span in composition.chords)
    bars = {span.start // metre.bar_length for span in composition.chords}
    assert sum(metre.metric_weight(span.start) == 2 for span in composition.chords) > 0.7 * len(bars)
    onsets = onset_strengths(f"{STYLES[key].keywords[0]}, {name}")
    own = max(autocorrelation(onsets, metre.bar_length), autocorrelation(onsets, metre.progression_bar))
    others = [
        other for other in (2.0, 2.5, 3.0, 3.5, 4.0, 5.0) if other % metre.bar_length and metre.bar_length % other
    ]
    assert own > max(autocorrelation(onsets, other) for other in others) - 0.1


@pytest.mark.parametrize(("key", "name"), [pair for pair in PAIRS if pair[0] not in LATE_ACCENTS])
def test_the_first_beat_of_a_bar_is_accented(key: str, name: str) -> None:
    metre, onsets = METRES[name], onset_strengths(f"{STYLES[key].keywords[0]}, {name}")
    size = round(metre.bar_length / GRID)
    bars = onsets[: len(onsets) // size * size].reshape(-1, size).mean(axis=0)
    first, *rest = (bars[round(start / GRID)] for start in metre.pulse_starts)
    assert first > 0.85 * max(rest)


def test_a_groove_may_have_patterns_for_a_metre() -> None:
    pedal_beats = [note.start % 3 for note in compose("jazz waltz").composition.notes["drums"] if note.pitch == PEDAL]
    assert pedal_beats.count(1.0) > max(4, 2 * pedal_beats.count(2.0))


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
def test_a_metre_is_recognised_in_a_prompt(words: str, name: str) -> None:
    assert compose(words, 20.0).composition.metre == name


@pytest.mark.parametrize(("requested", "given"), [("11/8", "4/4"), ("3/2", "3/4"), ("6/4", "3/4"), ("5/8", "5/4")])
def test_an_unsupported_metre_is_replaced_and_reported(requested: str, given: str) -> None:
    request = reader.read(f"rock in {requested}", ())
    assert [(item.asked, item.given) for item in request.words_approximated] == [(requested, given)]
    assert metre_named(requested).name == given


def test_a_second_metre_is_reported_as_approximated() -> None:
    request = reader.read("rock in 6/8, in 3/4", ())
    assert request.metre == "6/8"
    assert [(item.asked, item.given) for item in request.words_approximated] == [("3/4", "6/8")]


def test_a_named_metre_precedes_that_of_a_dance() -> None:
    request = reader.read("a waltz in 6/8", ())
    assert (request.style.key, request.metre) == ("waltz", "6/8")
    assert request.words_approximated == ()


@pytest.mark.parametrize("name", OTHERS)
def test_a_tempo_counts_pulses(name: str) -> None:
    composition, metre = compose(f"rock, {name}, 96 bpm").composition, METRES[name]
    assert composition.counted_tempo == pytest.approx(96.0)
    assert composition.tempo == pytest.approx(144.0 if metre.is_compound else 96.0)


@settings(max_examples=15, deadline=None)
@given(
    key=st.sampled_from(sorted(STYLES)),
    name=st.sampled_from([*METRES, "11/8", "3/2", "15/16"]),
    words=st.sampled_from(["", "slow build", "drop in the middle", "fade out", "ABA", "83 bpm", "211 bpm", "no drums"]),
    seconds=st.floats(1.0, 240.0),
    loop=st.booleans(),
)
def test_any_metre_fits_any_length(key: str, name: str, words: str, seconds: float, loop: bool) -> None:  # noqa: FBT001
    composition = compose(f"{STYLES[key].keywords[0]}, {name}, {words}", seconds, loop=loop).composition
    metre = METRES[composition.metre]
    assert composition.beats * 60.0 / composition.tempo == pytest.approx(seconds)
    assert composition.sections[0].start == 0.0
    assert all(first.end == pytest.approx(second.start) for first, second in itertools.pairwise(composition.sections))
    assert all(section.start % metre.progression_bar == 0 for section in composition.sections)
    assert any(composition.notes.values())
    assert all(0 <= note.start < composition.beats for notes in composition.notes.values() for note in notes)
    if loop:
        assert (composition.beats / metre.grid) % 1 == 0


@pytest.mark.parametrize("name", OTHERS)
def test_a_loop_has_whole_bars(name: str) -> None:
    composition, metre = compose(f"house, {name}", 20.0, loop=True).composition, METRES[name]
    assert composition.beats % metre.bar_length == 0
    assert LAST_CHORD not in {section.name for section in composition.sections}


@pytest.mark.parametrize("name", OTHERS)
def test_a_continuation_has_the_metre_of_its_predecessor(name: str) -> None:
    interpreted = interpretation.interpret(RenderRequest(f"folk, {name}", 40.0, 3))
    first = arrangement.compose(interpreted.effective, 40.0, interpreted.seed)
    data = continuation.build_continuation(interpreted.effective, first, interpreted.seed)
    assert data.data["metre"] == name
    assert data.data["grid_seconds"] == pytest.approx(
        60.0 * METRES[name].bar_length / first.composition.tempo, abs=1e-5
    )
    continued = interpretation.interpret(RenderRequest("go on in 4/4", 40.0, 4, continue_from=data))
    second = arrangement.compose(continued.effective, 40.0, continued.seed).composition
    assert second.metre == name
    assert second.counted_tempo == pytest.approx(first.composition.counted_tempo, abs=1e-5)
    assert second.motifs["A"].rhythm == first.composition.motifs["A"].rhythm
    assert ("4/4", name) in {(item.asked, item.given) for item in interpretation.find_approximations(continued, second)}


@pytest.mark.parametrize(("text", "name"), [("folk waltz in D major", "3/4"), ("rock in 6/8, 96 bpm", "6/8")])
def test_the_score_has_the_metre_of_the_track(tmp_path: Path, text: str, name: str) -> None:
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
    """Return a low tone on the first beat of every bar, a higher one on the others."""
    sound = np.zeros(round(seconds * tempo_and_key.REDUCED_RATE), dtype=np.float32)
    step = 60.0 / tempo * tempo_and_key.REDUCED_RATE
    axis = np.arange(round(0.6 * step)) / tempo_and_key.REDUCED_RATE
    for number in range(int(len(sound) / step) - 1):
        hertz = 70.0 if number % beats == 0 else 190.0
        start = round(number * step)
        sound[start : start + len(axis)] += (np.sin(2 * np.pi * hertz * axis) * np.exp(-6 * axis)).astype(np.float32)
    return sound


@pytest.mark.parametrize(("beats", "name"), [(3, "3/4"), (4, "4/4"), (5, "5/4"), (7, "7/4")])
def test_the_number_of_beats_in_a_bar_is_detected(beats: int, name: str) -> None:
    for delivered in (COMMON_TIME, METRES["3/4"]):
        assert metre_detection.detect_metre(clicks(beats, 104.0), 104.0, delivered) == name


def test_the_subdivision_of_a_beat_is_that_of_the_delivered_metre() -> None:
    assert metre_detection.detect_metre(clicks(4, 104.0), 104.0, METRES["12/8"]) == "12/8"
    assert metre_detection.detect_metre(clicks(4, 104.0), 104.0, METRES["6/8"]) == "6/8"
    assert metre_detection.detect_metre(clicks(3, 104.0), 104.0, METRES["6/8"]) == "3/4"
    assert metre_detection.detect_metre(clicks(3, 104.0), 104.0, METRES["9/8"]) == "9/8"


def test_no_metre_is_detected_in_noise_silence_or_short_audio() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.1, round(40 * tempo_and_key.REDUCED_RATE)).astype(np.float32)
    assert metre_detection.detect_metre(noise, 104.0, COMMON_TIME) is None
    assert metre_detection.detect_metre(np.zeros_like(noise), 104.0, COMMON_TIME) is None
    assert metre_detection.detect_metre(clicks(4, 104.0, 3.0), 104.0, COMMON_TIME) is None
