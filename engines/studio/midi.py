"""The score of a render: a Standard MIDI File, and chords and sections in milliseconds."""

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
    composition: Composition,
    parts: Sequence[Part],
    performance: Mapping[str, Sequence[NoteEvent]],
    tempo_map: TempoMap,
    title: str,
    milliseconds: int,
    heartbeat: Callable[[], None] = lambda: None,
) -> port.Score:
    """Build the score of the performed notes; chords and sections cover 0 to ``milliseconds`` without a gap.

    ``heartbeat`` is called after each track; its exceptions abort the work.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(_conductor_track(composition, tempo_map, title))
    channels = iter([channel for channel in range(16) if channel != DRUM_CHANNEL] * 4)
    for part in parts:
        instrument = CATALOGUE[part.instrument]
        if performance[part.name] and part.stem != "texture":
            channel = DRUM_CHANNEL if instrument.is_kit else next(channels)
            file.tracks.append(_part_track(part, instrument.program, channel, performance[part.name], tempo_map))
            heartbeat()
    raw = _HeartbeatFile(heartbeat)
    file.save(file=raw)
    chords, sections = composition.chords, composition.sections
    chord_spans = _spans(tempo_map, [chord.start for chord in chords], milliseconds)
    section_spans = _spans(tempo_map, [section.start for section in sections], milliseconds)
    return port.Score(
        raw.getvalue(),
        tuple(
            port.Chord(start, end, span.chord.symbol)
            for span, (start, end) in zip(chords, chord_spans, strict=True)
            if end > start
        ),
        tuple(
            port.Section(start, end, section.name)
            for section, (start, end) in zip(sections, section_spans, strict=True)
            if end > start
        ),
    )


class _HeartbeatFile(io.BytesIO):
    """Calls ``heartbeat`` at each write; mido writes track by track."""

    def __init__(self, heartbeat: Callable[[], None]) -> None:
        super().__init__()
        self._heartbeat = heartbeat

    def write(self, content: "ReadableBuffer", /) -> int:
        self._heartbeat()
        return super().write(content)


def _ticks(tempo_map: TempoMap, seconds: float) -> int:
    return round(tempo_map.beat_at(seconds) * TICKS_PER_BEAT)


def _part_track(
    part: Part, program: int, channel: int, events: Sequence[NoteEvent], tempo_map: TempoMap
) -> mido.MidiTrack:
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=f"{part.name} ({CATALOGUE[part.instrument].name})", time=0))
    track.append(mido.Message("program_change", channel=channel, program=program, time=0))
    messages: list[tuple[int, int, int, int]] = []
    for event in events:
        start = _ticks(tempo_map, event.start)
        velocity = max(1, min(127, round(event.velocity * 127)))
        messages.append((start, 1, event.pitch, velocity))
        messages.append((max(start + 1, _ticks(tempo_map, event.end)), 0, event.pitch, 0))
    last = 0
    for tick, on, pitch, velocity in sorted(messages):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - last))
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _conductor_track(composition: Composition, tempo_map: TempoMap, title: str) -> mido.MidiTrack:
    beats, unit = (int(number) for number in composition.metre.split("/"))
    click = round(24 * metre_named(composition.metre).counted_beat)
    messages: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=title.encode("latin-1", "replace").decode("latin-1"))),
        (0, mido.MetaMessage("time_signature", numerator=beats, denominator=unit, clocks_per_click=click)),
        (0, mido.MetaMessage("key_signature", key=_signature(composition))),
    ]
    pairs = list(zip(tempo_map.beats, tempo_map.seconds, strict=True))
    for (beat, second), (next_beat, next_second) in pairwise(pairs):
        micros = round((next_second - second) / (next_beat - beat) * 1_000_000)
        messages.append((round(beat * TICKS_PER_BEAT), mido.MetaMessage("set_tempo", tempo=min(16_777_215, micros))))
    messages.extend(
        (round(section.start * TICKS_PER_BEAT), mido.MetaMessage("marker", text=section.name))
        for section in composition.sections
    )
    track = mido.MidiTrack()
    last = 0
    for tick, message in sorted(messages, key=lambda message: message[0]):
        track.append(message.copy(time=tick - last))
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, round(composition.beats * TICKS_PER_BEAT) - last)))
    return track


def _signature(composition: Composition) -> str:
    name = composition.key.pitch_names[composition.key.tonic]
    minor = {"Db": "C#", "Gb": "F#"}
    major = {"A#": "Bb", "D#": "Eb", "G#": "Ab"}
    return f"{minor.get(name, name)}m" if composition.key.is_minor else major.get(name, name)


def _spans(tempo_map: TempoMap, starts: Sequence[float], milliseconds: int) -> list[tuple[int, int]]:
    """Return start and end in milliseconds of successive spans that cover 0 to ``milliseconds``."""
    edges = [0, *(round(tempo_map.seconds_at(start) * 1000) for start in starts[1:]), milliseconds]
    return list(pairwise(edges))
