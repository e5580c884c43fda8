"""How segments of a focus session share their overlaps: who plays until the middle, and who from there."""

from dataclasses import replace
from typing import Final

from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.segment_form import Layout
from engines.studio.composing.drums import CRASH
from engines.studio.model.composition import Note, PartNotes

ALONE: Final = frozenset({"drums", "bass", "melody"})
"""Stems that two bands must not play at once: two kicks on one beat are one loud kick, two basses mud."""
EFFECTS: Final = frozenset({"riser", "impact"})
"""What announces a new part; a join is not to be announced."""
LATE, LOOSE = 4.0, 2.0
"""Milliseconds: the most that a player lags, and scatters, so that every beat is within 10 ms of the grid."""
STUB: Final = 0.1
"""Beats; a note that would be cut shorter is left out."""


def fitted(arrangement: Arrangement, layout: Layout) -> Arrangement:
    """The same music closer to the beat, with drums, bass and tunes only between the middles of the overlaps."""
    lines = dict(arrangement.piece.lines)
    for part in arrangement.parts:
        if part.stem in ALONE:
            lines[part.name] = _between(lines[part.name], *layout.switches)
        elif part.instrument in EFFECTS:
            lines[part.name] = _between(lines[part.name], layout.head, layout.beats - layout.tail)
    parts = (
        replace(part, delay_ms=min(part.delay_ms, LATE), timing_jitter_ms=min(part.timing_jitter_ms, LOOSE))
        for part in arrangement.parts
    )
    return replace(arrangement, piece=replace(arrangement.piece, lines=lines), parts=tuple(parts))


def _between(line: PartNotes, start: float, end: float) -> PartNotes:
    kept = (_cut(note, end) for note in line.notes if note.start >= start - 1e-6 and not _jolts(note, start))
    return PartNotes(line.part, tuple(note for note in kept if note.beats >= STUB))


def _cut(note: Note, end: float) -> Note:
    return replace(note, beats=min(note.beats, end - note.start))


def _jolts(note: Note, start: float) -> bool:
    """A crash where a band comes in would point at the join."""
    return note.pitch == CRASH and note.start <= start + 0.5 and start > 0.0
