"""The score contains the notes that sound, and its texts are UTF-8."""

from dataclasses import replace

import mido
import pytest

from engines.studio import midi
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.channels import Channel, ToneCache
from engines.studio.mixing.performance import NoteEvent
from engines.studio.styles import STYLES
from tests.support.audio.performances import TITLE, performed


def written(track: mido.MidiTrack) -> set[tuple[int, int]]:
    """Return the tick and the pitch of every note."""
    tick, notes = 0, set()
    for message in track:
        tick += message.time
        if message.type == "note_on":
            notes.add((tick, message.note))
    return notes


def test_the_score_has_the_pitches_that_the_channels_play() -> None:
    found = performed("techno 7/8 at 150 bpm", 58)
    tones = ToneCache(lambda: None, 0)
    for part, track in found.tracks():
        channel = Channel(part, found.notes[part.name], tones, 1 << 17, (), 0.4)
        if not channel.instrument.is_kit:
            assert {pitch for _, pitch in written(track)} == {event.pitch for event in channel.events}, part.name


@pytest.mark.parametrize("style", sorted(STYLES))
def test_a_score_has_every_note_that_is_performed(style: str) -> None:
    for seed, prompt in ((2, style), (58, f"{style} 7/8 at 150 bpm"), (77, f"{style} with contrabass and piccolo")):
        found = performed(prompt, seed)
        for part, track in found.tracks():
            assert written(track) == found.sounding(part)
            assert_no_overlap(track)


def assert_no_overlap(track: mido.MidiTrack) -> None:
    """A MIDI channel plays each pitch once: a note must end before the next one of its pitch begins."""
    active: set[int] = set()
    for message in track:
        if message.type == "note_on":
            assert message.note not in active
            active.add(message.note)
        elif message.type == "note_off":
            active.remove(message.note)
    assert not active


@pytest.mark.parametrize(
    ("prompt", "present", "absent"),
    [
        ("house without drums", {"bass", "harmony"}, {"drums"}),
        ("lofi, no bass", {"drums", "harmony"}, {"bass"}),
        ("only piano and drums, pop", {"drums"}, {"bass", "texture"}),
        ("solo cello", set(), {"drums", "harmony"}),
    ],
)
def test_excluded_parts_are_not_in_the_score(prompt: str, present: set[str], absent: set[str]) -> None:
    found = performed(prompt, 1)
    stems = {part.stem for part, _ in found.tracks()}
    assert present <= stems
    assert not absent & stems


def test_parts_have_bank_program_volume_pan_and_a_channel_of_their_own() -> None:
    found = performed("pop", 1)
    channels = []
    for part, track in found.tracks():
        instrument = CATALOGUE[part.instrument]
        controls = {message.control: message.value for message in track if message.type == "control_change"}
        assert controls[0] == controls[32] == 0
        assert 16 <= controls[7] <= 127
        assert controls[10] == round(64 + 63 * part.pan)
        [program] = [message for message in track if message.type == "program_change"]
        assert program.program == instrument.program
        assert (program.channel == midi.DRUM_CHANNEL) is instrument.is_kit
        assert track.name == f"{part.name} ({instrument.name})"
        channels.append(program.channel)
    assert len(set(channels)) == len(channels)


def test_the_first_track_has_tempo_metre_key_and_markers() -> None:
    found = performed("sad waltz in d minor at 90 bpm", 3)
    track = found.midi_file().tracks[0]
    [metre] = [message for message in track if message.type == "time_signature"]
    assert (metre.numerator, metre.denominator) == (3, 4)
    assert [message.key for message in track if message.type == "key_signature"] == ["Dm"]
    assert [message.text for message in track if message.type == "marker"] == [
        section.name for section in found.composition.sections
    ]
    tempo = next(message.tempo for message in track if message.type == "set_tempo")
    assert mido.tempo2bpm(tempo) == pytest.approx(found.composition.tempo, rel=1e-3)


@pytest.mark.parametrize(("transposition", "key"), [(5, "Gm"), (7, "Am"), (3, "Fm")])
def test_a_change_of_key_is_in_the_first_track(transposition: int, key: str) -> None:
    found = performed("solo piano in d minor", 3)
    first, second, *others = found.composition.sections
    moved = replace(found.composition, sections=(first, replace(second, transposition=transposition), *others))
    tick, keys = 0, []
    for message in replace(found, composition=moved).midi_file().tracks[0]:
        tick += message.time
        if message.type == "key_signature":
            keys.append((tick, message.key))
    edges = [round(beat * midi.TICKS_PER_BEAT) for beat in (second.start, second.end)]
    assert keys == [(0, "Dm"), (edges[0], key), (edges[1], "Dm")]


def test_octaves_that_sound_as_one_pitch_are_one_note() -> None:
    found = performed("solo piano", 1)
    part = found.parts[0]
    top = CATALOGUE[part.instrument].highest_pitch
    events = [NoteEvent(1.0, 1.0, top, 0.5), NoteEvent(1.0, 2.0, top + 12, 0.9), NoteEvent(2.0, 0.5, top + 24, 0.4)]
    file = replace(found, parts=[part], notes={part.name: events}).midi_file()
    notes = [(message.type, message.note, message.velocity) for message in file.tracks[1] if hasattr(message, "note")]
    assert [note for note in notes if note[0] == "note_on"] == [("note_on", top, 114), ("note_on", top, 51)]
    assert_no_overlap(file.tracks[1])


@pytest.mark.parametrize("title", [TITLE, "Ärger & Öl", "Привет", "مرحبا", "a" * 255])
def test_texts_are_utf_8(title: str) -> None:
    found = performed("solo piano", 1)
    assert found.midi_file(title).tracks[0].name == title
