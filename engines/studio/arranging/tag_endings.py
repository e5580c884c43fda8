"""Tag endings: the last phrase before the last chord is played two or three times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.model.composition import LAST_CHORD, ChordSpan, Note, Section

PHRASE_BARS: Final = (2, 1)
"""The lengths of the phrase in bars; the first that fits."""
MAX_TIMES: Final = 3
MIN_TIMES: Final = 2
EDGE: Final = 0.05
"""Quarter notes by which a note may start before its phrase."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A phrase of ``beats`` quarter notes from ``start`` that also replaces what precedes it from ``first`` on."""

    first: float
    start: float
    beats: float

    def with_chords(self, chords: Sequence[ChordSpan]) -> tuple[ChordSpan, ...]:
        """Return the chords with the repetitions of the phrase."""
        kept = [
            replace(span, beats=min(span.beats, self.first - span.start)) if span.start < self.first else span
            for span in chords
            if span.start < self.first - EDGE or span.start >= self.start - EDGE
        ]
        phrase = [span for span in chords if self.start - EDGE <= span.start < self.start + self.beats - EDGE]
        copies = [replace(span, start=span.start - shift) for shift in self._shifts() for span in phrase]
        return tuple(sorted([*kept, *copies], key=lambda span: span.start))

    def with_notes(self, notes: Sequence[Note]) -> list[Note]:
        """Return the notes of a part with the repetitions of the phrase."""
        kept = [
            replace(note, beats=min(note.beats, self.first - note.start)) if note.start < self.first - EDGE else note
            for note in notes
            if note.start < self.first - EDGE or note.start >= self.start - EDGE
        ]
        end = self.start + self.beats
        phrase = [note for note in notes if self.start - EDGE <= note.start < end - EDGE]
        copies = [
            replace(note, start=note.start - shift, beats=min(note.beats, end - note.start))
            for shift in self._shifts()
            for note in phrase
        ]
        return sorted([*kept, *copies], key=lambda note: (note.start, note.pitch))

    def _shifts(self) -> list[float]:
        count = round((self.start - self.first) / self.beats)
        return [self.beats * number for number in range(1, count + 1)]


def find_tag(sections: Sequence[Section], bar: float) -> Tag | None:
    """Return the tag of a form with a last chord; None if the section before it has no room for a repetition."""
    if len(sections) == 1 or sections[-1].name != LAST_CHORD:
        return None
    last = sections[-2]
    beats = next((bars * bar for bars in PHRASE_BARS if last.beats + EDGE >= MIN_TIMES * bars * bar), None)
    if beats is None:
        return None
    times = min(MAX_TIMES, int((last.beats + EDGE) / beats))
    return Tag(last.end - times * beats, last.end - beats, beats)
