"""The score of a render: a Standard MIDI File with the notes that sound, and chords and sections in milliseconds.

Texts in the file are UTF-8. The Standard MIDI File specification defines no encoding; current programs read UTF-8.
The file has no lyrics: the engine composes instrumental music.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

import mido

from engines import port
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.mixing.performance import NoteEvent, TempoMap
from engines.studio.model.composition import ChordSpan, Composition, Section
from engines.studio.model.style import Part
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Key

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TICKS_PER_BEAT: Final = 480
DRUM_CHANNEL: Final = 9
BANK_SELECT, BANK_SELECT_LSB, VOLUME, PAN = 0, 32, 7, 10
"""Control changes. Instruments are those of bank 0, General MIDI."""
MAX_VOLUME, MIN_VOLUME, CENTRE = 127, 16, 64
TimedItem = TypeVar("TimedItem", ChordSpan, Section)


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
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8")
    file.tracks.append(_conductor_track(composition, tempo_map, title))
    channels = iter([channel for channel in range(16) if channel != DRUM_CHANNEL] * 4)
    sounding = [part for part in parts if performance[part.name]]
    loudest = max((part.level for part in sounding), default=0.0)
    for part in sounding:
        channel = DRUM_CHANNEL if CATALOGUE[part.instrument].is_kit else next(channels)
        controls = {VOLUME: _volume(part.level - loudest), PAN: round(CENTRE + 63 * part.pan)}
        file.tracks.append(_part_track(part, channel, controls, performance[part.name], tempo_map))
        heartbeat()
    raw = _HeartbeatFile(heartbeat)
    file.save(file=raw)
    return port.Score(
        raw.getvalue(),
        tuple(
            port.Chord(start, end, span.chord.symbol)
            for start, end, span in _spans(tempo_map, composition.chords, milliseconds)
        ),
        tuple(
            port.Section(start, end, section.name)
            for start, end, section in _spans(tempo_map, composition.sections, milliseconds)
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


def _track(messages: Iterable[tuple[int, mido.Message | mido.MetaMessage]], end: int = 0) -> mido.MidiTrack:
    """Build a track from messages with absolute ticks in ascending order. It ends at ``end`` or with the last one."""
    track = mido.MidiTrack()
    last = 0
    for tick, message in messages:
        message.time = tick - last
        track.append(message)
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - last)))
    return track


def _volume(decibels: float) -> int:
    """Return the volume for a gain of at most 0 dB (General MIDI: 40 dB per factor of ten)."""
    return max(MIN_VOLUME, round(MAX_VOLUME * 10 ** (decibels / 40)))


def _part_track(
    part: Part, channel: int, controls: Mapping[int, int], events: Sequence[NoteEvent], tempo_map: TempoMap
) -> mido.MidiTrack:
    instrument = CATALOGUE[part.instrument]
    notes: list[tuple[int, int, int, int]] = []
    for start, end, pitch, velocity in _sounding_notes(events, instrument, tempo_map):
        notes += [(start, 1, pitch, velocity), (end, 0, pitch, 0)]
    return _track([
        (0, mido.MetaMessage("track_name", name=f"{part.name} ({instrument.name})")),
        *(
            (0, mido.Message("control_change", channel=channel, control=control, value=value))
            for control, value in {BANK_SELECT: 0, BANK_SELECT_LSB: 0}.items()
        ),
        (0, mido.Message("program_change", channel=channel, program=instrument.program)),
        *(
            (0, mido.Message("control_change", channel=channel, control=control, value=value))
            for control, value in controls.items()
        ),
        *(
            (tick, mido.Message("note_on" if on else "note_off", channel=channel, note=pitch, velocity=velocity))
            for tick, on, pitch, velocity in sorted(notes)
        ),
    ])  # fmt: skip


def _sounding_notes(
    events: Sequence[NoteEvent], instrument: Instrument, tempo_map: TempoMap
) -> list[tuple[int, int, int, int]]:
    """Return start and end ticks, sounding pitch and velocity of the notes.

    Several written notes may sound at one pitch. A MIDI channel plays each pitch once: notes that start together are
    one note, and a note ends where the next one of its pitch starts.
    """
    by_pitch: dict[int, dict[int, tuple[int, int]]] = {}
    for event in events:
        start, end = (round(tempo_map.beat_at(second) * TICKS_PER_BEAT) for second in (event.start, event.end))
        velocity = max(1, min(127, round(event.velocity * 127)))
        notes = by_pitch.setdefault(instrument.sounding_pitch(event.pitch), {})
        other_end, other_velocity = notes.get(start, (0, 0))
        notes[start] = max(start + 1, end, other_end), max(velocity, other_velocity)
    result = []
    for pitch, notes in by_pitch.items():
        starts = sorted(notes)
        for start, next_start in zip(starts, [*starts[1:], None], strict=True):
            end, velocity = notes[start]
            result.append((start, end if next_start is None else min(end, next_start), pitch, velocity))
    return result


def _conductor_track(composition: Composition, tempo_map: TempoMap, title: str) -> mido.MidiTrack:
    beats, unit = (int(number) for number in composition.metre.split("/"))
    click = round(24 * metre_named(composition.metre).counted_beat)
    messages: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=title)),
        (0, mido.MetaMessage("time_signature", numerator=beats, denominator=unit, clocks_per_click=click)),
    ]
    messages.extend(
        (round(start * TICKS_PER_BEAT), mido.MetaMessage("key_signature", key=_signature(key)))
        for start, key in composition.key_map.changes
    )
    pairs = list(zip(tempo_map.beats, tempo_map.seconds, strict=True))
    for (beat, second), (next_beat, next_second) in pairwise(pairs):
        micros = round((next_second - second) / (next_beat - beat) * 1_000_000)
        messages.append((round(beat * TICKS_PER_BEAT), mido.MetaMessage("set_tempo", tempo=min(16_777_215, micros))))
    messages.extend(
        (round(section.start * TICKS_PER_BEAT), mido.MetaMessage("marker", text=section.name))
        for section in composition.sections
    )
    return _track(sorted(messages, key=lambda message: message[0]), round(composition.beats * TICKS_PER_BEAT))


def _signature(key: Key) -> str:
    name = key.pitch_names[key.tonic]
    minor = {"Db": "C#", "Gb": "F#"}
    major = {"A#": "Bb", "D#": "Eb", "G#": "Ab"}
    return f"{minor.get(name, name)}m" if key.is_minor else major.get(name, name)


def _spans(tempo_map: TempoMap, items: Sequence[TimedItem], milliseconds: int) -> Iterator[tuple[int, int, TimedItem]]:
    """Yield start, end and item of successive items that cover 0 to ``milliseconds``; drop those without length."""
    edges = [0, *(round(tempo_map.seconds_at(item.start) * 1000) for item in items[1:]), milliseconds]
    for item, (start, end) in zip(items, pairwise(edges), strict=True):
        if end > start:
            yield start, end, item
