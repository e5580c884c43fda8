"""MusicXML scores are complete: full bars, matching ties and values, and every note that sounds."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.performance import TempoMap
from engines.studio.model.composition import Composition, Note
from engines.studio.notation import musicxml, spelling
from engines.studio.notation.quantisation import DIVISIONS, STRUM_BEATS, Sound, quantise, split_voices
from engines.studio.styles import STYLES
from engines.studio.theory.key_map import KeyMap
from engines.studio.theory.metre import COMMON_TIME, metre_named
from engines.studio.theory.pitch import QUALITIES, Chord, Key, parse_chord

SECONDS = 20.0
TITLE = "夜の机 & <Öl>"
TYPES: dict[str, Fraction] = {
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
}
MAX_SHIFT_BEATS = STRUM_BEATS + 1 / 16
"""A strum, and half a 32nd."""


@dataclass(frozen=True)
class Written:
    """A note or rest with its position in divisions from the start of the score."""

    start: int
    element: ET.Element

    @property
    def end(self) -> int:
        return self.start + int(self.element.findtext("duration", "0"))

    @property
    def sound(self) -> str:
        """The pitch, or the instrument of an unpitched note, in a voice."""
        pitch = self.element.find("pitch")
        instrument = self.element.find("instrument")
        name = (
            "".join(pitch.itertext()) if pitch is not None else "" if instrument is None else instrument.get("id", "")
        )
        return f"{self.element.findtext('voice')}/{name}"

    def has_tie(self, kind: str) -> bool:
        return any(tie.get("type") == kind for tie in self.element.iter("tie"))


def compose(prompt: str) -> tuple[Arrangement, ET.Element]:
    understood = interpretation.interpret(RenderRequest(prompt, SECONDS, 1))
    made = arrangement.compose(understood.effective, SECONDS, understood.seed, None, lambda: None)
    composition = made.composition
    tempo_map = TempoMap(composition.tempo, composition.beats, SECONDS, 0.2, composition.sections[-1].start)
    content = musicxml.write(composition, made.parts, tempo_map, TITLE, understood.effective.style)
    with ZipFile(io.BytesIO(content)) as archive:
        return made, ET.fromstring(archive.read("score.musicxml"))  # noqa: S314  written by this test


def read(part: ET.Element, bar: int) -> Iterator[Written]:
    """Yield the notes and rests of a part; check that every voice fills every bar."""
    for number, measure in enumerate(part.findall("measure")):
        position, start, filled = 0, 0, dict[str, int]()
        for element in measure:
            duration = int(element.findtext("duration", "0"))
            match element.tag:
                case "note":
                    start = start if element.find("chord") is not None else position
                    yield Written(number * bar + start, element)
                    position = start + duration
                    filled[element.findtext("voice", "")] = position
                case "forward":
                    position += duration
                case "backup":
                    position -= duration
                case _:
                    assert element.tag in {"attributes", "direction", "harmony", "sound", "barline"}
            assert 0 <= position <= bar
        assert set(filled.values()) == {bar}


def midi_pitch(note: ET.Element) -> int | None:
    pitch = note.find("pitch")
    if pitch is None:
        return None
    semitones = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[pitch.findtext("step", "")]
    return 12 * (int(pitch.findtext("octave", "")) + 1) + semitones + int(pitch.findtext("alter", "0"))


def assert_value(note: ET.Element) -> None:
    """The type, dots and triplet of a note must give its duration."""
    if (rest := note.find("rest")) is not None and rest.get("measure") == "yes":
        return
    dots = len(note.findall("dot"))
    value = TYPES[note.findtext("type", "")] * (2 - Fraction(1, 2**dots))
    if (modification := note.find("time-modification")) is not None:
        value *= Fraction(
            int(modification.findtext("normal-notes", "")), int(modification.findtext("actual-notes", ""))
        )
    assert value * DIVISIONS == int(note.findtext("duration", ""))


def assert_ties(notes: list[Written]) -> None:
    open_ties: dict[str, int] = {}
    for note in notes:
        if note.has_tie("stop"):
            assert open_ties.pop(note.sound) == note.start
        if note.has_tie("start"):
            assert note.sound not in open_ties
            open_ties[note.sound] = note.end
    assert not open_ties


def assert_notes(notes: list[Written], played: tuple[Note, ...], instrument_key: str) -> None:
    """Every note that is played must be written near its time, and the other way round."""
    instrument = CATALOGUE[instrument_key]
    found: dict[int, list[float]] = {}
    for note in notes:
        if note.element.find("rest") is None and not note.has_tie("stop"):
            pitch = midi_pitch(note.element)
            key = int(note.sound.rpartition("-I")[2]) if pitch is None else pitch
            found.setdefault(key, []).append(note.start / DIVISIONS)
    expected: dict[int, list[float]] = {}
    for one in played:
        expected.setdefault(instrument.sounding_pitch(one.pitch), []).append(one.start)
    assert found.keys() == expected.keys()
    for key, starts in expected.items():
        for start in starts:
            assert min(abs(start - other) for other in found[key]) <= MAX_SHIFT_BEATS
        for start in found[key]:
            assert min(abs(start - other) for other in starts) <= MAX_SHIFT_BEATS


@pytest.mark.parametrize("prompt", [*sorted(STYLES), "folk 6/8", "techno 7/8", "pop 5/4", "jazz 12/8", "rock 2/4"])
def test_every_part_is_written_completely(prompt: str) -> None:
    made, root = compose(prompt)
    metre = metre_named(made.composition.metre)
    playing = [part for part in made.parts if made.composition.notes[part.name]]
    names = [element.findtext("part-name") for element in root.iter("score-part")]
    assert names == [f"{part.name} ({CATALOGUE[part.instrument].name})" for part in playing]
    for part, element in zip(playing, root.findall("part"), strict=True):
        notes = list(read(element, round(metre.bar_length * DIVISIONS)))
        for note in notes:
            assert_value(note.element)
        assert_ties(notes)
        assert_notes(notes, made.composition.notes[part.name], part.instrument)
        brackets = [one.get("type") for one in element.iter("tuplet")]
        assert brackets.count("start") == brackets.count("stop")
        assert all(one != other for one, other in pairwise(brackets))


def test_the_score_has_title_metre_key_tempo_sections_chords_and_swing() -> None:
    made, root = compose("jazz waltz 3/4 in g minor at 132 bpm")
    composition = made.composition
    assert root.findtext("work/work-title") == TITLE
    first = root.findall("part")[0]
    assert (first.findtext(".//time/beats"), first.findtext(".//time/beat-type")) == ("3", "4")
    assert {key.findtext("mode") for key in root.iter("key")} == {"minor", None}  # drums have no key
    assert {key.findtext("fifths") for key in root.findall("part")[-1].iter("key")} <= {"-2", "0"}
    assert [mark.text for mark in root.iter("rehearsal")] == [section.name for section in composition.sections]
    assert float(first.findtext(".//metronome/per-minute", "")) == pytest.approx(composition.tempo, rel=1e-3)
    assert len(list(root.iter("harmony"))) == len(composition.chords)
    assert [kind.get("text") for kind in root.iter("kind")] == [span.chord.quality for span in composition.chords]
    tempos = [float(sound.get("tempo", "")) for sound in root.iter("sound") if sound.get("tempo")]
    # the last chord fills the length of the track
    assert tempos[:-1] == sorted(tempos[:-1], reverse=True)
    assert root.findtext(".//swing/swing-type") == "eighth"


def modulating(composition: Composition, transposition: int) -> Composition:
    """Return a composition with its second section, and what sounds in it, in another key."""
    first, second, *others = composition.sections
    moved = replace(second, transposition=transposition)
    notes = {
        name: tuple(
            replace(note, pitch=note.pitch + transposition) if second.start <= note.start < second.end else note
            for note in part
        )
        for name, part in composition.notes.items()
    }
    return replace(composition, sections=(first, moved, *others), notes=notes)


@pytest.mark.parametrize(
    ("prompt", "transposition", "fifths"),
    [
        ("solo piano in c major", 5, ("0", "-1", "0")),
        ("solo piano in e major", 7, ("4", "5", "4")),
        ("solo piano in db major", 1, ("-5", "2", "-5")),
        ("solo piano in a minor", 3, ("0", "-3", "0")),
    ],
)
def test_the_signature_and_the_spelling_follow_a_change_of_key(
    prompt: str, transposition: int, fifths: tuple[str, ...]
) -> None:
    understood = interpretation.interpret(RenderRequest(prompt, 60.0, 1))
    made = arrangement.compose(understood.effective, 60.0, understood.seed)
    composition = modulating(made.composition, transposition)
    tempo_map = TempoMap(composition.tempo, composition.beats, 60.0)
    content = musicxml.write(composition, made.parts, tempo_map, TITLE, understood.effective.style)
    with ZipFile(io.BytesIO(content)) as archive:
        root = ET.fromstring(archive.read("score.musicxml"))  # noqa: S314  written by this test
    bar = metre_named(composition.metre).bar_length
    second = composition.sections[1]
    bars = [0, *(round(beat / bar) for beat in (second.start, second.end))]
    measures = root.findall("part")[0].findall("measure")
    keys = {number: measure.findtext("attributes/key/fifths") for number, measure in enumerate(measures)}
    assert {number: key for number, key in keys.items() if key} == dict(zip(bars, fifths, strict=True))
    for number, measure in enumerate(measures):
        signature = int(fifths[sum(number >= bar for bar in bars) - 1])
        for pitch in measure.iter("pitch"):
            place = spelling.STEPS.index(pitch.findtext("step", "")) - 1 + 7 * int(pitch.findtext("alter", "0"))
            assert -6 <= place - signature <= 10  # in fifths: one of the names in the key, or in a chord


def test_a_change_of_tempo_is_written_and_a_ritardando_is_a_word() -> None:
    understood = interpretation.interpret(RenderRequest("solo piano 4/4", SECONDS, 1))
    made = arrangement.compose(understood.effective, SECONDS, understood.seed)
    lead = TempoMap(90.0, made.composition.beats, SECONDS, lead=(8.0, 8.0))
    slower = TempoMap(90.0, 36.0, SECONDS, 0.2, 32.0)
    for tempo_map, visible, words in ((lead, [60.0, 90.0], []), (slower, [90.0], ["rit."])):
        content = musicxml.write(made.composition, made.parts, tempo_map, TITLE, understood.effective.style)
        with ZipFile(io.BytesIO(content)) as archive:
            root = ET.fromstring(archive.read("score.musicxml"))  # noqa: S314  written by this test
        found = [float(one.text or "") for one in root.iter("per-minute")]
        assert found[: len(visible)] == pytest.approx(visible, rel=0.02)
        assert [one.text for one in root.iter("words")] == words


def test_the_file_is_an_mxl_container_and_always_the_same() -> None:
    understood = interpretation.interpret(RenderRequest("solo piano", 8.0, 1))
    made = arrangement.compose(understood.effective, 8.0, understood.seed, None, lambda: None)
    tempo_map = TempoMap(made.composition.tempo, made.composition.beats, 8.0)
    one, other = (
        musicxml.write(made.composition, made.parts, tempo_map, TITLE, understood.effective.style) for _ in range(2)
    )
    assert one == other
    with ZipFile(io.BytesIO(one)) as archive:
        assert archive.namelist() == ["mimetype", "META-INF/container.xml", "score.musicxml"]
        assert archive.read("mimetype") == b"application/vnd.recordare.musicxml"
        [file] = ET.fromstring(archive.read("META-INF/container.xml")).iter("rootfile")  # noqa: S314  ours
        assert file.get("full-path") == "score.musicxml"


@pytest.mark.parametrize(
    ("key", "fifths", "names"),
    [
        (Key(0, "major"), 0, {1: "C1", 6: "F1", 8: "A-1", 10: "B-1"}),
        (Key(2, "minor"), -1, {1: "C1", 8: "A-1", 10: "B-1", 3: "E-1"}),
        (Key(9, "minor"), 0, {8: "G1", 6: "F1", 10: "B-1"}),
        (Key(2, "dorian"), 0, {11: "B0"}),
        (Key(4, "phrygian"), 0, {5: "F0", 8: "G1"}),
        (Key(6, "major"), 6, {11: "B0", 5: "E1"}),
        (Key(10, "minor"), -5, {9: "A0", 1: "D-1", 6: "G-1"}),
        (Key(0, "phrygian dominant"), -4, {1: "D-1", 4: "E0", 10: "B-1"}),
        (Key(0, "double harmonic"), -4, {1: "D-1", 4: "E0", 11: "B0"}),
    ],
)
def test_pitches_are_spelled_in_their_key(key: Key, fifths: int, names: dict[int, str]) -> None:
    assert spelling.signature(key) == fifths
    assert {pitch: "{}{}".format(*spelling.spell(pitch, key)) for pitch in names} == names


def test_spelled_pitches_keep_their_octave() -> None:
    speller = spelling.Speller(KeyMap(((0.0, Key(6, "major")),)), ())
    assert speller.spell(60, 1.0) == ("B", 1, 3)
    assert speller.spell(65, 1.0) == ("E", 1, 4)
    assert speller.spell(71, 1.0) == ("B", 0, 4)


@pytest.mark.parametrize(
    ("numeral", "key", "names"),
    [
        ("V7/vi", Key(9, "major"), ["C1", "E1", "G1", "B0"]),
        ("V7", Key(9, "minor"), ["E0", "G1", "B0", "D0"]),
        ("viio7", Key(9, "minor"), ["G1", "B0", "D0", "F0"]),
        ("bVI", Key(0, "major"), ["A-1", "C0", "E-1"]),
        ("V7#9", Key(0, "minor"), ["G0", "B0", "D0", "F0", "A1"]),
        ("iv6", Key(4, "minor"), ["A0", "C0", "E0", "F1"]),
        ("bIImaj7", Key(1, "major"), ["D0", "F1", "A0", "C1"]),
    ],
)
def test_the_tones_of_a_chord_are_thirds_apart(numeral: str, key: Key, names: list[str]) -> None:
    leading = (key.tonic + 11) % 12
    chord = Chord(leading, "dim7", leading, "") if numeral == "viio7" else parse_chord(numeral, key)
    assert ["{}{}".format(*spelling.spell_in_chord(tone, chord, key)) for tone in chord.tones] == names


def test_every_tone_of_a_chord_has_a_place_above_its_root() -> None:
    for quality, steps in QUALITIES.items():
        for step in steps:
            assert (7 * spelling.CHORD_FIFTHS[step] - step) % 12 == 0, quality


def test_every_chord_quality_has_a_kind() -> None:
    assert QUALITIES.keys() == spelling.KINDS.keys()


def test_triplets_strums_and_shortened_notes_are_written_as_meant() -> None:
    sounds = [
        *(Sound(start, 0.3, 60) for start in (0.0, 1 / 3, 2 / 3)),
        *(Sound(1.0 + 0.025 * number, 0.9, 64 + number) for number in range(3)),
        Sound(2.0, 1.8, 72),
    ]
    part = quantise(sounds, COMMON_TIME)
    assert part.triplets == {0: 8}
    assert [(chord.start, chord.end, chord.pitches) for chord in part.chords] == [
        (0, 8, (60,)), (8, 16, (60,)), (16, 24, (60,)), (24, 48, (64, 65, 66)), (48, 96, (72,)),
    ]  # fmt: skip


def test_more_voices_than_a_staff_has_are_shortened() -> None:
    sounds = [Sound(float(number), 8.0, 60 + number) for number in range(6)]
    voices = split_voices(quantise(sounds, COMMON_TIME).chords)
    assert len(voices) == 4
    assert sorted(chord.pitches[0] for voice in voices for chord in voice) == list(range(60, 66))
    for voice in voices:
        assert all(one.end <= other.start for one, other in pairwise(voice))
