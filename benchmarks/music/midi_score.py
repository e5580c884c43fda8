"""Reads a MIDI file and the reported chords, with all times in beats."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mido
import numpy as np

from engines.studio.theory.pitch import QUALITIES

DRUM_CHANNEL: Final = 9
NOISES: Final = frozenset(range(119, 128))
"""General MIDI's sound effects, which have no pitch: their notes are left out."""
SYMBOL: Final = re.compile(r"^([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?$")
LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class Note:
    """A note in beats from the start; ``velocity`` 1 to 127."""

    track: str
    start: float
    end: float
    pitch: int
    velocity: int
    is_drum: bool


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord in beats, as pitch classes, root first."""

    start: float
    end: float
    pitch_classes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MidiScore:
    """A whole score; ``tempo`` is the first of its tempo map, ``key`` as "A minor"."""

    notes: tuple[Note, ...]
    chords: tuple[ChordSpan, ...]
    tempo: float
    key: str
    programs: tuple[int, ...]

    def chord_at(self, beat: float) -> ChordSpan | None:
        """Return the chord at a beat, if any."""
        return next((chord for chord in self.chords if chord.start - 0.05 <= beat < chord.end - 0.05), None)

    def tracks(self) -> dict[str, list[Note]]:
        """Return the notes of each track, ordered by time."""
        tracks: dict[str, list[Note]] = {}
        for note in self.notes:
            tracks.setdefault(note.track, []).append(note)
        return tracks


def read(path: Path, chords: Sequence[Sequence[Any]], key: str) -> MidiScore:
    """Read a Standard MIDI File and chords given as (start ms, end ms, symbol)."""
    file = mido.MidiFile(path)
    beats, seconds, tempos = _tempo_map(file)
    marks = [float(np.interp(edge / 1000, seconds, beats)) for chord in chords for edge in chord[:2]]
    chord_spans = [
        ChordSpan(start, end, chord_pitch_classes(str(chord[2])))
        for chord, start, end in zip(chords, marks[::2], marks[1::2], strict=True)
    ]
    notes: list[Note] = []
    programs: list[int] = []
    for track in file.tracks:
        found = [message.program for message in track if message.type == "program_change"]
        programs.extend(found)
        if not NOISES.intersection(found):
            notes.extend(_notes(track, file.ticks_per_beat))
    notes.sort(key=lambda note: (note.start, note.pitch))
    return MidiScore(tuple(notes), tuple(chord_spans), tempos[0], key, tuple(programs))


def pitch_class(name: str) -> int:
    """Return the pitch class of a note name such as "F#" or "Bb"."""
    return (LETTERS[name[0]] + name.count("#") - name.count("b")) % 12


def chord_pitch_classes(symbol: str) -> tuple[int, ...]:
    """Return the pitch classes of a chord symbol, root first; an unknown quality is read as its triad."""
    match = SYMBOL.match(symbol)
    if not match:
        return ()
    root, quality, bass = match.groups()
    triad = "m" if quality.startswith("m") and not quality.startswith("maj") else ""
    steps = QUALITIES.get(quality, QUALITIES[triad])
    classes = [(pitch_class(root) + step) % 12 for step in steps]
    return tuple(dict.fromkeys([*classes, *([pitch_class(bass)] if bass else [])]))


def _tempo_map(file: mido.MidiFile) -> tuple[list[float], list[float], list[float]]:
    """Return beats, their times in seconds, and the tempo in BPM after each; the last beat is far after the end."""
    beats, seconds, tempos = [0.0], [0.0], [120.0]
    tick = 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            beat = tick / file.ticks_per_beat
            seconds.append(seconds[-1] + (beat - beats[-1]) * 60.0 / tempos[-1])
            beats.append(beat)
            tempos.append(mido.tempo2bpm(message.tempo))
    beats.append(beats[-1] + 10_000.0)
    seconds.append(seconds[-1] + 10_000.0 * 60.0 / tempos[-1])
    return beats, seconds, tempos[1:] or tempos


def _notes(track: mido.MidiTrack, ticks: int) -> list[Note]:
    notes: list[Note] = []
    active: dict[tuple[int, int], tuple[int, int]] = {}
    tick = 0
    for message in track:
        tick += message.time
        if message.type not in {"note_on", "note_off"}:
            continue
        key = (message.channel, message.note)
        if key in active:
            start, velocity = active.pop(key)
            is_drum = message.channel == DRUM_CHANNEL
            notes.append(Note(track.name, start / ticks, tick / ticks, message.note, velocity, is_drum))
        if message.type == "note_on" and message.velocity:
            active[key] = (tick, message.velocity)
    return notes
