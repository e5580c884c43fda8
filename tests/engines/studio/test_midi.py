"""The score contains the notes that sound, and its texts are UTF-8."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import mido
import pytest

from engines.port import RenderRequest
from engines.studio import midi, random_streams
from engines.studio.arranging import arrangement, interpretation
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.channels import Channel, ToneCache
from engines.studio.mixing.performance import NoteEvent, TempoMap, perform
from engines.studio.model.composition import Composition
from engines.studio.model.style import Part
from engines.studio.styles import STYLES

SECONDS = 20.0
TITLE = "夜の机 “Night/Desk”: été 🎧"


@dataclass(frozen=True)
class Performed:
    """A composed and performed request; ``parts`` are those with notes in the score."""

    composition: Composition
    parts: Sequence[Part]
    notes: dict[str, list[NoteEvent]]
    tempo_map: TempoMap

    def score(self, title: str = TITLE) -> mido.MidiFile:
        score = midi.build_score(self.composition, self.parts, self.notes, self.tempo_map, title, round(SECONDS * 1000))
        return mido.MidiFile(file=io.BytesIO(score.midi), charset="utf-8")


def performed(prompt: str, seed: int) -> Performed:
    understood = interpretation.interpret(RenderRequest(prompt, SECONDS, seed))
    brief = understood.effective
    made = arrangement.compose(brief, SECONDS, understood.seed, None, lambda: None)
    tempo_map = TempoMap(made.composition.tempo, made.composition.beats, SECONDS)
    notes = {
        part.name: perform(
            made.composition.notes[part.name],
            part,
            brief.style,
            tempo_map,
            random_streams.stream(understood.seed, "perform", part.name),
        )
        for part in made.parts
    }
    parts = [part for part in made.parts if notes[part.name] and part.stem != "texture"]
    return Performed(made.composition, parts, notes, tempo_map)


def written_pitches(track: mido.MidiTrack) -> set[int]:
    return {message.note for message in track if message.type == "note_on"}


def test_the_score_has_the_pitches_that_the_channels_play() -> None:
    found = performed("techno 7/8 at 150 bpm", 58)
    tones = ToneCache(lambda: None, 0)
    file = found.score()
    for part, track in zip(found.parts, file.tracks[1:], strict=True):
        channel = Channel(part, found.notes[part.name], tones, 1 << 17, (), 0.4)
        if not channel.instrument.is_kit:
            assert written_pitches(track) == {event.pitch for event in channel.events}, part.name


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_note_of_a_score_can_be_played(style: str) -> None:
    for prompt, seed in ((style, 2), (f"{style} 7/8 at 150 bpm", 58), (f"{style} with contrabass and piccolo", 77)):
        found = performed(prompt, seed)
        for part, track in zip(found.parts, found.score().tracks[1:], strict=True):
            instrument = CATALOGUE[part.instrument]
            sounding = {instrument.sounding_pitch(event.pitch) for event in found.notes[part.name]}
            assert written_pitches(track) == sounding
            assert all(instrument.sounding_pitch(pitch) == pitch for pitch in sounding)
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


def test_octaves_that_sound_as_one_pitch_are_one_note() -> None:
    found = performed("solo piano", 1)
    part = found.parts[0]
    top = CATALOGUE[part.instrument].highest_pitch
    events = [NoteEvent(1.0, 1.0, top, 0.5), NoteEvent(1.0, 2.0, top + 12, 0.9), NoteEvent(2.0, 0.5, top + 24, 0.4)]
    file = Performed(found.composition, [part], {part.name: events}, found.tempo_map).score()
    notes = [(message.type, message.note, message.velocity) for message in file.tracks[1] if hasattr(message, "note")]
    assert [note for note in notes if note[0] == "note_on"] == [("note_on", top, 114), ("note_on", top, 51)]
    assert_no_overlap(file.tracks[1])


@pytest.mark.parametrize("title", [TITLE, "Ärger & Öl", "Привет", "مرحبا", "a" * 255])
def test_texts_are_utf_8(title: str) -> None:
    found = performed("solo piano", 1)
    assert found.score(title).tracks[0].name == title
