"""Quantisation of notes to the grid of written music, in divisions of a quarter note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.theory.metre import Metre

DIVISIONS: Final = 24
"""Divisions of a quarter note: the smallest number that contains 32nd notes (3) and sixteenth triplets (4)."""
STRAIGHT_GRIDS: Final = (6, 3)
TRIPLET_GRIDS: Final = (8, 4)
GRID_TOLERANCE: Final = 1.0
"""The largest distance of a note from a coarser grid, in divisions; a finer grid is chosen if one is farther away."""
STRUM_BEATS: Final = 0.1
"""Notes that start within this time are one chord (a strum or roll); 32nd notes are 0.125 beats apart."""
LENGTH_UNITS: Final = ((2.0, 24), (1.0, 12), (0.0, 6))
"""The least length of a note in beats, and the unit to which its end is rounded: articulation shortens long notes."""
MAX_LEGATO_OVERLAP: Final = 0.25
"""The largest share of a note that may overlap the next one without a second voice."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A note that sounds: start and length in quarter notes, MIDI pitch."""

    start: float
    beats: float
    pitch: int


@dataclass(frozen=True, slots=True)
class WrittenChord:
    """Notes that start and end together, in divisions from the start of the score; pitches in ascending order."""

    start: int
    end: int
    pitches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """The chords of a part in order, and the grids of the quarter notes that are divided into triplets."""

    chords: tuple[WrittenChord, ...]
    triplets: Mapping[int, int]


def quantise(sounds: Sequence[Sound], metre: Metre) -> WrittenPart:
    """Quantise a part. Every quarter note has the coarsest grid that fits its notes.

    Compound metres and bars with half a quarter note have no triplets.

    Onsets move by at most STRUM_BEATS and half a step of their grid.
    """
    ordered = _join_strums(sorted(sounds, key=lambda sound: (sound.start, sound.pitch)))
    by_beat: dict[int, list[float]] = {}
    for sound in ordered:
        by_beat.setdefault(int(sound.start), []).append(sound.start % 1.0 * DIVISIONS)
    has_triplets = not metre.is_compound and metre.bar_length % 1 == 0
    candidates = (6, 8, 3, 4) if has_triplets else STRAIGHT_GRIDS
    grids = {beat: _choose_grid(positions, candidates) for beat, positions in by_beat.items()}
    ends: dict[tuple[int, int], int] = {}
    for sound in ordered:
        start = _snap(sound.start * DIVISIONS, 1, grids)
        key = start, sound.pitch
        ends[key] = max(_end(sound, start, grids), ends.get(key, 0))
    groups: dict[tuple[int, int], list[int]] = {}
    for (start, pitch), end in ends.items():
        groups.setdefault((start, end), []).append(pitch)
    chords = [WrittenChord(start, end, tuple(sorted(pitches))) for (start, end), pitches in sorted(groups.items())]
    triplets = {beat: grid for beat, grid in grids.items() if grid in TRIPLET_GRIDS}
    return WrittenPart(tuple(chords), triplets)


def _join_strums(sounds: Sequence[Sound]) -> list[Sound]:
    """Let all notes of a strum start with its first one; a repeated pitch starts a new group."""
    result: list[Sound] = []
    first, pitches = -1.0, set[int]()
    for sound in sounds:
        if sound.start - first > STRUM_BEATS or sound.pitch in pitches:
            first, pitches = sound.start, set()
        pitches.add(sound.pitch)
        result.append(Sound(first, sound.beats, sound.pitch))
    return result


def _choose_grid(positions: Sequence[float], candidates: Sequence[int]) -> int:
    """Return the first grid within the tolerance, or else the closest one."""
    errors = {grid: max(abs(one - grid * round(one / grid)) for one in positions) for grid in candidates}
    return next(
        (grid for grid, error in errors.items() if error <= GRID_TOLERANCE), min(errors, key=errors.__getitem__)
    )


def _snap(position: float, unit: int, grids: Mapping[int, int]) -> int:
    """Round a position to a unit and to the grid of its quarter note; without one to sixteenth notes."""
    rounded = unit * round(position / unit)
    beat, rest = divmod(rounded, DIVISIONS)
    grid = grids.get(beat, 6)
    return rounded if unit % grid == 0 and rest % grid == 0 else beat * DIVISIONS + grid * round(rest / grid)


def _end(sound: Sound, start: int, grids: Mapping[int, int]) -> int:
    unit = next(unit for beats, unit in LENGTH_UNITS if sound.beats >= beats)
    end = _snap((sound.start + sound.beats) * DIVISIONS, unit, grids)
    return end if end > start else start + grids.get(start // DIVISIONS, 6)


def split_voices(chords: Sequence[WrittenChord], limit: int = 4) -> list[list[WrittenChord]]:
    """Distribute chords over at most ``limit`` voices, in each of which one chord follows another.

    A chord that overlaps the next one a little, or that finds no free voice, is shortened. Chords of several lengths
    that start together and find no voice of their own get one length.
    """
    starts = sorted({chord.start for chord in chords})
    following = dict(zip(starts, [*starts[1:], None], strict=True))
    voices: list[list[WrittenChord]] = []
    for chord in sorted(chords, key=lambda chord: (chord.start, -chord.pitches[-1])):
        _add(_without_legato(chord, following[chord.start]), voices, limit)
    return voices


def _without_legato(chord: WrittenChord, next_start: int | None) -> WrittenChord:
    overlap = 0 if next_start is None else chord.end - next_start
    is_small = next_start is not None and 0 < overlap <= MAX_LEGATO_OVERLAP * (chord.end - chord.start)
    return WrittenChord(chord.start, next_start, chord.pitches) if is_small and next_start else chord


def _add(chord: WrittenChord, voices: list[list[WrittenChord]], limit: int) -> None:
    free = next((voice for voice in voices if voice[-1].end <= chord.start), None)
    if free is not None:
        free.append(chord)
    elif len(voices) < limit:
        voices.append([chord])
    else:
        voice = min(voices, key=lambda voice: (voice[-1].start, voice[-1].end))
        last = voice.pop()
        if last.start < chord.start:
            voice += [WrittenChord(last.start, chord.start, last.pitches), chord]
        else:
            pitches = tuple(sorted({*last.pitches, *chord.pitches}))
            voice.append(WrittenChord(last.start, max(last.end, chord.end), pitches))
