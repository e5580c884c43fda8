"""Prepares a segment for the crossfades with its neighbours."""

from dataclasses import replace
from typing import Final

from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.segment_form import SegmentForm
from engines.studio.composing.drums import CRASH
from engines.studio.model.composition import Note

EXCLUSIVE_STEMS: Final = frozenset({"drums", "bass", "melody"})
"""Stems that two segments must not play at once: doubled kicks are too loud, doubled basses muddy."""
TRANSITION_INSTRUMENTS: Final = frozenset({"riser", "impact"})
"""Instruments that announce a new section. They do not play in overlaps, which should go unnoticed."""
MAX_DELAY_MS, MAX_JITTER_MS = 4.0, 2.0
"""The maximum delay and timing jitter of a part, so that every note is within 10 ms of the beat grid."""
MIN_NOTE_BEATS: Final = 0.1
"""Notes that would be cut shorter are removed."""


def apply_handover(arrangement: Arrangement, form: SegmentForm) -> Arrangement:
    """Limit drums, bass and melody to the time between the middles of the overlaps, and tighten the timing."""
    notes = dict(arrangement.composition.notes)
    for part in arrangement.parts:
        if part.stem in EXCLUSIVE_STEMS:
            notes[part.name] = _notes_between(notes[part.name], *form.handover_beats)
        elif part.instrument in TRANSITION_INSTRUMENTS:
            notes[part.name] = _notes_between(notes[part.name], form.overlap_in, form.beats - form.overlap_out)
    parts = tuple(
        replace(
            part, delay_ms=min(part.delay_ms, MAX_DELAY_MS), timing_jitter_ms=min(part.timing_jitter_ms, MAX_JITTER_MS)
        )
        for part in arrangement.parts
    )
    return Arrangement(replace(arrangement.composition, notes=notes), parts)


def _notes_between(notes: tuple[Note, ...], start: float, end: float) -> tuple[Note, ...]:
    inside = (note for note in notes if note.start >= start - 1e-6 and not _is_entry_crash(note, start))
    cut = (replace(note, beats=min(note.beats, end - note.start)) for note in inside)
    return tuple(note for note in cut if note.beats >= MIN_NOTE_BEATS)


def _is_entry_crash(note: Note, start: float) -> bool:
    """Return whether a note is a crash at the entry of the drums, which would draw attention to the transition."""
    return note.pitch == CRASH and note.start <= start + 0.5 and start > 0.0
