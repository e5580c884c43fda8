"""Composed and performed requests, without audio."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import mido

from engines.port import RenderRequest, Score
from engines.studio import midi, random_streams
from engines.studio.arranging import arrangement, interpretation
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.performance import NoteEvent, TempoMap, perform
from engines.studio.model.composition import Composition
from engines.studio.model.style import Part, Style

TITLE = "夜の机 “Night/Desk”: été 🎧"


@dataclass(frozen=True)
class Performed:
    """A composed and performed request; ``parts`` are those with notes."""

    composition: Composition
    parts: Sequence[Part]
    notes: Mapping[str, list[NoteEvent]]
    tempo_map: TempoMap
    seconds: float
    style: Style

    def score(self, title: str = TITLE) -> Score:
        milliseconds = round(self.seconds * 1000)
        return midi.build_score(self.composition, self.parts, self.notes, self.tempo_map, title, milliseconds)

    def midi_file(self, title: str = TITLE) -> mido.MidiFile:
        return mido.MidiFile(file=io.BytesIO(self.score(title).midi), charset="utf-8")

    def tracks(self) -> Iterator[tuple[Part, mido.MidiTrack]]:
        """Yield every part with its track."""
        return zip(self.parts, self.midi_file().tracks[1:], strict=True)

    def sounding(self, part: Part) -> set[tuple[int, int]]:
        """Return the tick and the pitch of every note that sounds."""
        instrument = CATALOGUE[part.instrument]
        return {
            (round(self.tempo_map.beat_at(event.start) * midi.TICKS_PER_BEAT), instrument.sounding_pitch(event.pitch))
            for event in self.notes[part.name]
        }


def performed(prompt: str, seed: int, seconds: float = 20.0, tags: tuple[str, ...] = ()) -> Performed:
    understood = interpretation.interpret(RenderRequest(prompt, seconds, seed, tags))
    brief = understood.effective
    made = arrangement.compose(brief, seconds, understood.seed)
    tempo_map = TempoMap(made.composition.tempo, made.composition.beats, seconds)
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
    parts = [part for part in made.parts if notes[part.name]]
    return Performed(made.composition, parts, notes, tempo_map, seconds, brief.style)
