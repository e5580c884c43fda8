"""Any request is composed into a valid score within the ranges of its instruments and within its length."""

import io
from itertools import pairwise
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st

from engines.studio.instruments import CATALOGUE
from engines.studio.midi import TICKS_PER_BEAT
from engines.studio.notation import musicxml
from engines.studio.notation.quantisation import DIVISIONS
from engines.studio.styles import STYLES
from engines.studio.theory.metre import METRES, metre_named
from tests.support.audio.performances import TITLE, Performed, performed

KEYS = ("", "in c minor", "in f# major", "in db minor", "in d dorian", "in e phrygian", "in g# minor", "in bb major")
WORDS = (
    "slow build", "drop at 0:10", "no drums until the second chorus", "fade out", "busy", "sparse", "an octave higher",
    "an octave lower", "half time", "double time", "without bass", "only the piano in the bridge", "staccato", "ABAB",
    "[intro] [verse] [chorus]", "chords: dm7 g7 cmaj7", "through-composed", "a static loop", "in the 1980s", "waltz",
)  # fmt: skip
NAMES = sorted({instrument.name.lower() for instrument in CATALOGUE.values()})
PROMPTS = st.builds(
    lambda *clauses: ", ".join(clause for clause in clauses if clause),
    st.sampled_from(["", *sorted(STYLES)]),
    st.sampled_from(KEYS),
    st.sampled_from(["", *METRES]),
    st.one_of(st.just(""), st.integers(20, 400).map("{} bpm".format)),
    st.lists(st.sampled_from(NAMES), max_size=8).map(", ".join),
    st.lists(st.sampled_from(WORDS), max_size=3).map(", ".join),
    st.text(max_size=20),
)
MAX_EARLY_SECONDS = 0.001
"""A millisecond: chords and sections are rounded to one."""


@settings(max_examples=25, deadline=None)
@given(prompt=PROMPTS, seconds=st.floats(1.0, 90.0), seed=st.integers(0, 2**32 - 1))
def test_any_request_has_a_valid_score(prompt: str, seconds: float, seed: int) -> None:
    found = performed(prompt, seed, seconds)
    assert found.parts
    assert_inside(found)
    assert_midi(found)
    assert_covered(found)
    assert_musicxml(found)


def assert_inside(found: Performed) -> None:
    """Notes start inside the track; ranges hold for what sounds."""
    composition = found.composition
    assert abs(found.tempo_map.seconds_at(composition.beats) - found.seconds) < MAX_EARLY_SECONDS
    for part in found.parts:
        instrument = CATALOGUE[part.instrument]
        for note in composition.notes[part.name]:
            assert 0.0 <= note.start < composition.beats
            assert 0.0 < note.beats <= composition.beats - note.start + 1e-6
            assert note.velocity > 0.0
        for event in found.notes[part.name]:
            assert 0.0 <= event.start < found.seconds + 0.1
            pitch = instrument.sounding_pitch(event.pitch)
            if instrument.is_kit:
                assert pitch in instrument.kit_keys
            else:
                assert instrument.lowest_pitch <= pitch <= instrument.highest_pitch


def assert_midi(found: Performed) -> None:
    file = found.midi_file()
    assert len(file.tracks) == len(found.parts) + 1
    assert file.tracks[0].name == TITLE
    for track in file.tracks[1:]:
        kinds = [message.type for message in track if message.type.startswith("note")]
        assert kinds.count("note_on") == kinds.count("note_off") > 0
    ticks = round(found.composition.beats * TICKS_PER_BEAT)
    assert sum(message.time for message in file.tracks[0]) == ticks


def assert_covered(found: Performed) -> None:
    score = found.score()
    for row in (score.chords, score.sections):
        edges = [(one.start_ms, one.end_ms) for one in row]
        assert edges[0][0] == 0
        assert edges[-1][1] == round(found.seconds * 1000)
        assert all(one[1] == two[0] for one, two in pairwise(edges))


def assert_musicxml(found: Performed) -> None:
    content = musicxml.write(found.composition, found.parts, found.tempo_map, TITLE, found.style)
    with ZipFile(io.BytesIO(content)) as archive:
        root = ET.fromstring(archive.read("score.musicxml"))  # noqa: S314  written by this test
    bar = round(metre_named(found.composition.metre).bar_length * DIVISIONS)
    parts = root.findall("part")
    assert len(parts) == len(found.parts)
    assert len({len(part.findall("measure")) for part in parts}) == 1
    for measure in root.iter("measure"):
        position = 0
        for element in measure:
            duration = int(element.findtext("duration", "0"))
            if (element.tag == "note" and element.find("chord") is None) or element.tag == "forward":
                position += duration
            elif element.tag == "backup":
                position -= duration
            assert 0 <= position <= bar
        assert position == bar
