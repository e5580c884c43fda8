"""The written music: a Standard MIDI File, and the chords and sections in milliseconds."""

import io
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import mido

from engines import port
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.performance import NoteEvent, TempoMap
from engines.studio.model.composition import Composition
from engines.studio.model.style import Part
from engines.studio.theory.metre import metre_named

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TICKS_PER_BEAT: Final = 480
DRUM_CHANNEL: Final = 9


def build_score(
    piece: Composition,
    parts: Sequence[Part],
    played: Mapping[str, Sequence[NoteEvent]],
    clock: TempoMap,
    title: str,
    milliseconds: int,
    heartbeat: Callable[[], None] = lambda: None,
) -> port.Score:
    """A score of what was played; chords and sections cover 0 to ``milliseconds`` without a gap.

    ``heartbeat`` is called between tracks, and ends the work by what it raises.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor(piece, clock, title))
    channels = iter([channel for channel in range(16) if channel != DRUM_CHANNEL] * 4)
    for part in parts:
        instrument = CATALOGUE[part.instrument]
        if played[part.name] and part.stem != "texture":
            channel = DRUM_CHANNEL if instrument.is_kit else next(channels)
            file.tracks.append(_track(part, instrument.program, channel, played[part.name], clock))
            heartbeat()
    raw = _Beating(heartbeat)
    file.save(file=raw)
    return port.Score(raw.getvalue(), _chords(piece, clock, milliseconds), _sections(piece, clock, milliseconds))


class _Beating(io.BytesIO):
    """A file whose writer lives: mido writes track by track."""

    def __init__(self, heartbeat: Callable[[], None]) -> None:
        super().__init__()
        self._heartbeat = heartbeat

    def write(self, content: "ReadableBuffer", /) -> int:
        """As always."""
        self._heartbeat()
        return super().write(content)


def _ticks(clock: TempoMap, seconds: float) -> int:
    """Where a moment falls on the file's grid, under its tempo map."""
    return round(clock.beat_at(seconds) * TICKS_PER_BEAT)


def _track(part: Part, program: int, channel: int, events: Sequence[NoteEvent], clock: TempoMap) -> mido.MidiTrack:
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=f"{part.name} ({CATALOGUE[part.instrument].name})", time=0))
    track.append(mido.Message("program_change", channel=channel, program=program, time=0))
    moments: list[tuple[int, int, int, int]] = []
    for event in events:
        start = _ticks(clock, event.start)
        velocity = max(1, min(127, round(event.velocity * 127)))
        moments.append((start, 1, event.pitch, velocity))
        moments.append((max(start + 1, _ticks(clock, event.end)), 0, event.pitch, 0))
    last = 0
    for tick, on, pitch, velocity in sorted(moments):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - last))
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _conductor(piece: Composition, clock: TempoMap, title: str) -> mido.MidiTrack:
    beats, unit = (int(figure) for figure in piece.metre.split("/"))
    click = round(24 * metre_named(piece.metre).counted_beat)
    moments: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=title.encode("latin-1", "replace").decode("latin-1"))),
        (0, mido.MetaMessage("time_signature", numerator=beats, denominator=unit, clocks_per_click=click)),
        (0, mido.MetaMessage("key_signature", key=_signature(piece))),
    ]
    pairs = list(zip(clock.beats, clock.seconds, strict=True))
    for (beat, second), (next_beat, next_second) in pairwise(pairs):
        micros = round((next_second - second) / (next_beat - beat) * 1_000_000)
        moments.append((round(beat * TICKS_PER_BEAT), mido.MetaMessage("set_tempo", tempo=min(16_777_215, micros))))
    moments.extend(
        (round(section.start * TICKS_PER_BEAT), mido.MetaMessage("marker", text=section.name))
        for section in piece.sections
    )
    track = mido.MidiTrack()
    last = 0
    for tick, message in sorted(moments, key=lambda moment: moment[0]):
        track.append(message.copy(time=tick - last))
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, round(piece.beats * TICKS_PER_BEAT) - last)))
    return track


def _signature(piece: Composition) -> str:
    name = piece.key.pitch_names[piece.key.tonic]
    minor = {"Db": "C#", "Gb": "F#"}
    major = {"A#": "Bb", "D#": "Eb", "G#": "Ab"}
    return f"{minor.get(name, name)}m" if piece.key.is_minor else major.get(name, name)


def _edges(clock: TempoMap, starts: Sequence[float], milliseconds: int) -> list[int]:
    return [0, *(round(clock.seconds_at(start) * 1000) for start in starts[1:]), milliseconds]


def _chords(piece: Composition, clock: TempoMap, milliseconds: int) -> tuple[port.Chord, ...]:
    edges = _edges(clock, [span.start for span in piece.chords], milliseconds)
    return tuple(
        port.Chord(start, end, span.chord.symbol)
        for span, start, end in zip(piece.chords, edges, edges[1:], strict=False)
        if end > start
    )


def _sections(piece: Composition, clock: TempoMap, milliseconds: int) -> tuple[port.Section, ...]:
    edges = _edges(clock, [section.start for section in piece.sections], milliseconds)
    return tuple(
        port.Section(start, end, section.name)
        for section, start, end in zip(piece.sections, edges, edges[1:], strict=False)
        if end > start
    )
