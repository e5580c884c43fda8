"""The symbolic report: what the written music is made of, whatever it sounds like."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from benchmarks.music.midi_score import MidiScore, Note, pitch_class
from engines.studio.styles import STYLES

MOTIF: Final = 4
"""Notes of a motif: three steps of pitch and time."""
STRONG_TOLERANCE: Final = 0.16
LEAP: Final = 7
PHRASE_REST: Final = 0.75
BAR: Final = 4.0

METRICS: Final = {
    "motif_recurrence": "melody notes inside a motif of 4 that returns a bar later or more",
    "strong_chord_tones": "melody notes on beats 1 and 3 that belong to the chord",
    "leaps": "melody steps wider than a fifth",
    "melody_range": "melody range, semitones",
    "cadences": "phrases that end on a chord tone",
    "voice_motion": "semitones a voice moves from chord to chord",
    "bar_copies": "bars whose notes (16ths, pitches) all occurred in an earlier bar",
    "velocity_spread": "spread of velocity within a track (SD of 127)",
    "timing_spread": "spread of timing about its place in the bar, ms",
    "notes_per_minute": "notes a minute",
}


def measure(music: MidiScore, stems: Sequence[str], leaders: Collection[str] = ()) -> dict[str, float]:
    """Each of MEASURES that the music has the notes for; shares are 0 to 1."""
    found = {**_spreads(music), "bar_copies": _bar_copies(music)}
    minutes = max((note.end for note in music.notes), default=0.0) / music.tempo
    found["notes_per_minute"] = len(music.notes) / max(minutes, 1e-3)
    tune = melody(music, leaders) if "melody" in stems else []
    if len(tune) >= 2 * MOTIF:
        found |= _melodic(tune, music)
    motion = _voice_motion(music)
    return found if motion is None else {**found, "voice_motion": motion}


def melody(music: MidiScore, leaders: Collection[str] = ()) -> list[Note]:
    """The tune: of the tracks that mostly play one note at a time, the busiest of those who sit on a melody's seat.

    Where no track's name begins with one of ``leaders`` it is the one that lies highest.
    """
    lines = {
        name: track
        for name, track in music.tracks().items()
        if len(track) >= MOTIF and not track[0].is_drum and _is_line(track)
    }
    seated = [track for name, track in lines.items() if name.split(" (")[0] in leaders]
    if seated:
        busiest = max(range(len(seated)), key=lambda place: len(seated[place]))
        return sorted(seated[busiest], key=lambda note: note.start)
    sung = max(lines.values(), key=lambda track: float(np.median([note.pitch for note in track])), default=[])
    return sorted(sung, key=lambda note: note.start)


def melody_part_names(style: str) -> frozenset[str]:
    """The names of the parts that carry the tune in a style, which is told by its name for people."""
    return frozenset(
        part.name for one in STYLES.values() if one.name == style for part in one.parts if part.stem == "melody"
    )


def _is_line(track: Sequence[Note]) -> bool:
    together = sum(two.start - one.start < 0.1 for one, two in pairwise(track))
    return together <= 0.15 * len(track) and len({note.pitch for note in track}) >= 3


def motif_ngrams(tune: Sequence[Note]) -> list[tuple[tuple[int, int], ...]]:
    """The motifs of a line: for each run of MOTIF notes the intervals, and the distances in 16ths."""
    steps = [
        (max(-12, min(12, two.pitch - one.pitch)), min(16, round(4 * (two.start - one.start))))
        for one, two in pairwise(tune)
    ]
    return [tuple(steps[at : at + MOTIF - 1]) for at in range(len(steps) - MOTIF + 2)]


def _melodic(tune: Sequence[Note], music: MidiScore) -> dict[str, float]:
    steps = [abs(two.pitch - one.pitch) for one, two in pairwise(tune)]
    strong = [note for note in tune if _is_strong(note.start)]
    endings = [one for one, two in pairwise(tune) if two.start - one.end >= PHRASE_REST] + [tune[-1]]
    pitches = [note.pitch for note in tune]
    return {
        "motif_recurrence": _recurrence(tune),
        "strong_chord_tones": _fitting(strong, music),
        "leaps": float(np.mean([step > LEAP for step in steps])),
        "melody_range": float(max(pitches) - min(pitches)),
        "cadences": _fitting(endings, music),
    }


def _is_strong(beat: float) -> bool:
    return abs(beat - 2 * round(beat / 2)) <= STRONG_TOLERANCE


def _fitting(notes: Sequence[Note], music: MidiScore) -> float:
    fits = [
        note.pitch % 12 in chord.pitch_classes
        for note in notes
        if (chord := music.chord_at(note.start + STRONG_TOLERANCE)) is not None
    ]
    return float(np.mean(fits)) if fits else 0.0


def _recurrence(tune: Sequence[Note]) -> float:
    """The share of notes inside a motif whose contour and rhythm return; transposition within the scale counts."""
    shapes = [tuple((_turn(step), beats) for step, beats in gram) for gram in motif_ngrams(tune)]
    places: dict[tuple[tuple[int, int], ...], list[float]] = {}
    for shape, note in zip(shapes, tune, strict=False):
        places.setdefault(shape, []).append(note.start)
    kept: set[int] = set()
    for at, shape in enumerate(shapes):
        if any(abs(place - tune[at].start) >= BAR for place in places[shape]):
            kept.update(range(at, at + MOTIF))
    return len(kept) / len(tune)


def _turn(step: int) -> int:
    """An interval as its direction and size class: repeated, step, third to fourth, wider."""
    size = abs(step)
    return int(np.sign(step)) * (0 if size == 0 else 1 if size <= 2 else 2 if size <= 5 else 3)


def _bar_copies(music: MidiScore) -> float:
    bars: dict[int, set[tuple[str, int, int]]] = {}
    for note in music.notes:
        slot = round(4 * note.start)
        bars.setdefault(slot // 16, set()).add((note.track, slot % 16, note.pitch))
    if len(bars) < 2:
        return 0.0
    counts = Counter(frozenset(bar) for bar in bars.values())
    return sum(count - 1 for count in counts.values()) / len(bars)


def _spreads(music: MidiScore) -> dict[str, float]:
    """Human touch: velocities within a track, and times about the mean of the same 16th of the bar in that track."""
    velocities: list[float] = []
    times: list[float] = []
    for track in music.tracks().values():
        if len(track) >= MOTIF:
            velocities.append(float(np.std([note.velocity for note in track])))
        slots: dict[tuple[int, int], list[float]] = {}
        for note in track:
            slot = round(4 * note.start)
            slots.setdefault((slot % 16, note.pitch if note.is_drum else 0), []).append(note.start - slot / 4)
        times.extend(float(np.std(slot)) for slot in slots.values() if len(slot) >= 4)
    return {
        "velocity_spread": float(np.median(velocities)) if velocities else 0.0,
        "timing_spread": float(np.median(times)) * 60_000 / music.tempo if times else 0.0,
    }


def _voice_motion(music: MidiScore) -> float | None:
    """Mean over the busiest chordal track: how far each voice is from the nearest of the chord before."""
    chordal = [_struck(track) for track in music.tracks().values() if not track[0].is_drum]
    chords = max(chordal, key=len, default=[])
    moved = [
        float(np.mean([min(abs(pitch - other) for other in before) for pitch in after]))
        for before, after in pairwise(chords)
        if {pitch % 12 for pitch in before} != {pitch % 12 for pitch in after}
    ]
    return float(np.mean(moved)) if moved else None


def _struck(track: Sequence[Note]) -> list[list[int]]:
    """Groups of three or more notes that begin together."""
    groups: list[list[Note]] = []
    for note in track:
        if groups and note.start - groups[-1][0].start < 0.2:
            groups[-1].append(note)
        else:
            groups.append([note])
    return [[note.pitch for note in group] for group in groups if len({note.pitch for note in group}) >= 3]


def ends_on_tonic_chord(music: MidiScore) -> bool:
    """Whether the last chord is the one of the key."""
    return bool(music.chords) and music.chords[-1].pitch_classes[:1] == (pitch_class(music.key.split()[0]),)
