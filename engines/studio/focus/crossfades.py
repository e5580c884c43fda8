"""How segments of a focus session share their overlaps: who plays until the middle, and who from there."""

from dataclasses import replace
from typing import Final

from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.composing.drums import CRASH
from engines.studio.model.composition import Note, PartNotes

EXCLUSIVE_STEMS: Final = frozenset({"drums", "bass", "melody"})
"""Stems that two bands must not play at once: two kicks on one beat are one loud kick, two basses mud."""
TRANSITION_INSTRUMENTS: Final = frozenset({"riser", "impact"})
"""What announces a new part; a join is not to be announced."""
MAX_DELAY_MS, MAX_JITTER_MS = 4.0, 2.0
"""Milliseconds: the most that a player lags, and scatters, so that every beat is within 10 ms of the grid."""
MIN_NOTE_BEATS: Final = 0.1
"""Beats; a note that would be cut shorter is left out."""


def apply_handover(arrangement: Arrangement, layout: SegmentForm) -> Arrangement:
    """The same music closer to the beat, with drums, bass and tunes only between the middles of the overlaps."""
    lines = dict(arrangement.composition.lines)
    for part in arrangement.parts:
        if part.stem in EXCLUSIVE_STEMS:
            lines[part.name] = _notes_between(lines[part.name], *layout.handover_beats)
        elif part.instrument in TRANSITION_INSTRUMENTS:
            lines[part.name] = _notes_between(lines[part.name], layout.overlap_in, layout.beats - layout.overlap_out)
    parts = (
        replace(
            part, delay_ms=min(part.delay_ms, MAX_DELAY_MS), timing_jitter_ms=min(part.timing_jitter_ms, MAX_JITTER_MS)
        )
        for part in arrangement.parts
    )
    return replace(arrangement, composition=replace(arrangement.composition, lines=lines), parts=tuple(parts))


def _notes_between(line: PartNotes, start: float, end: float) -> PartNotes:
    kept = (_cut(note, end) for note in line.notes if note.start >= start - 1e-6 and not _jolts(note, start))
    return PartNotes(line.part, tuple(note for note in kept if note.beats >= MIN_NOTE_BEATS))


def _cut(note: Note, end: float) -> Note:
    return replace(note, beats=min(note.beats, end - note.start))


def _jolts(note: Note, start: float) -> bool:
    """A crash where a band comes in would point at the join."""
    return note.pitch == CRASH and note.start <= start + 0.5 and start > 0.0
