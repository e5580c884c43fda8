"""Metrics of the written music, from the MIDI file: melody, harmony, repetition and human variation."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from benchmarks.music.midi_score import MidiScore, Note, pitch_class
from engines.studio.styles import STYLES

MOTIF: Final = 4
"""Notes of a motif: three intervals of pitch and time."""
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
    """Return the METRICS for which the music has notes; shares are 0 to 1."""
    metrics = {**_spreads(music), "bar_copies": _bar_copies(music)}
    minutes = max((note.end for note in music.notes), default=0.0) / music.tempo
    metrics["notes_per_minute"] = len(music.notes) / max(minutes, 1e-3)
    tune = melody(music, leaders) if "melody" in stems else []
    if len(tune) >= 2 * MOTIF:
        metrics |= _melodic(tune, music)
    motion = _voice_motion(music)
    return metrics if motion is None else {**metrics, "voice_motion": motion}


def melody(music: MidiScore, leaders: Collection[str] = ()) -> list[Note]:
    """Return the melody: the busiest monophonic track whose part is one of ``leaders``.

    If there is none, return the highest monophonic track.
    """
    lines = {
        name: track
        for name, track in music.tracks().items()
        if len(track) >= MOTIF and not track[0].is_drum and _is_line(track)
    }
    leading = [track for name, track in lines.items() if name.split(" (")[0] in leaders]
    if leading:
        busiest = max(leading, key=len)
        return sorted(busiest, key=lambda note: note.start)
    highest = max(lines.values(), key=lambda track: float(np.median([note.pitch for note in track])), default=[])
    return sorted(highest, key=lambda note: note.start)


def melody_part_names(style: str) -> frozenset[str]:
    """Return the names of the melody parts of a style, given its display name."""
    return frozenset(
        part.name
        for candidate in STYLES.values()
        if candidate.name == style
        for part in candidate.parts
        if part.stem == "melody"
    )


def _is_line(track: Sequence[Note]) -> bool:
    simultaneous = sum(two.start - one.start < 0.1 for one, two in pairwise(track))
    return simultaneous <= 0.15 * len(track) and len({note.pitch for note in track}) >= 3


def motif_ngrams(tune: Sequence[Note]) -> list[tuple[tuple[int, int], ...]]:
    """Return the motif of each MOTIF successive notes: intervals in semitones, and distances in 16ths."""
    steps = [
        (max(-12, min(12, two.pitch - one.pitch)), min(16, round(4 * (two.start - one.start))))
        for one, two in pairwise(tune)
    ]
    return [tuple(steps[start : start + MOTIF - 1]) for start in range(len(steps) - MOTIF + 2)]


def _melodic(tune: Sequence[Note], music: MidiScore) -> dict[str, float]:
    steps = [abs(two.pitch - one.pitch) for one, two in pairwise(tune)]
    strong = [note for note in tune if _is_strong(note.start)]
    endings = [one for one, two in pairwise(tune) if two.start - one.end >= PHRASE_REST] + [tune[-1]]
    pitches = [note.pitch for note in tune]
    return {
        "motif_recurrence": _recurrence(tune),
        "strong_chord_tones": _chord_tone_share(strong, music),
        "leaps": float(np.mean([step > LEAP for step in steps])),
        "melody_range": float(max(pitches) - min(pitches)),
        "cadences": _chord_tone_share(endings, music),
    }


def _is_strong(beat: float) -> bool:
    return abs(beat - 2 * round(beat / 2)) <= STRONG_TOLERANCE


def _chord_tone_share(notes: Sequence[Note], music: MidiScore) -> float:
    is_chord_tone = [
        note.pitch % 12 in chord.pitch_classes
        for note in notes
        if (chord := music.chord_at(note.start + STRONG_TOLERANCE)) is not None
    ]
    return float(np.mean(is_chord_tone)) if is_chord_tone else 0.0


def _recurrence(tune: Sequence[Note]) -> float:
    """Return the share of notes in motifs whose contour and rhythm recur, also transposed within the scale."""
    shapes = [tuple((_interval_class(step), beats) for step, beats in motif) for motif in motif_ngrams(tune)]
    starts: dict[tuple[tuple[int, int], ...], list[float]] = {}
    for shape, note in zip(shapes, tune, strict=False):
        starts.setdefault(shape, []).append(note.start)
    recurring: set[int] = set()
    for index, shape in enumerate(shapes):
        if any(abs(start - tune[index].start) >= BAR for start in starts[shape]):
            recurring.update(range(index, index + MOTIF))
    return len(recurring) / len(tune)


def _interval_class(step: int) -> int:
    """Return direction and size class of an interval: repeated, step, third to fourth, wider."""
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
    """Return the standard deviations of velocity in a track, and of onsets around their mean at the same 16th."""
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
    """Return the mean distance of each voice from the nearest of the previous chord, in the busiest chordal track."""
    chordal = [_block_chords(track) for track in music.tracks().values() if not track[0].is_drum]
    chords = max(chordal, key=len, default=[])
    distances = [
        float(np.mean([min(abs(pitch - other) for other in before) for pitch in after]))
        for before, after in pairwise(chords)
        if {pitch % 12 for pitch in before} != {pitch % 12 for pitch in after}
    ]
    return float(np.mean(distances)) if distances else None


def _block_chords(track: Sequence[Note]) -> list[list[int]]:
    """Return the groups of three or more notes that start together."""
    groups: list[list[Note]] = []
    for note in track:
        if groups and note.start - groups[-1][0].start < 0.2:
            groups[-1].append(note)
        else:
            groups.append([note])
    return [[note.pitch for note in group] for group in groups if len({note.pitch for note in group}) >= 3]


def ends_on_tonic_chord(music: MidiScore) -> bool:
    """Return whether the last chord is the tonic chord."""
    return bool(music.chords) and music.chords[-1].pitch_classes[:1] == (pitch_class(music.key.split()[0]),)
