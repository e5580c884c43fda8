"""Shapes of sections: intros that build, melody instruments in dialogue, a breath before a drop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.composition import LAST_CHORD, Note, Section
from engines.studio.model.style import Part
from engines.studio.theory.metre import Metre

ENTRIES: Final = {"drums": (0.0, 0.25, 0.5, 0.75), "melody": (0.0, 0.5), "harmony": (0.0, 0.25, 0.5)}
"""When a part of a stem enters in an intro that builds, as a share of its length."""
BUILD_PROBABILITY, DIALOGUE_PROBABILITY, BREATH_PROBABILITY = 0.6, 0.45, 0.5
RISE: Final = 0.05
"""The rise of energy after an intro from which the intro builds."""
MAX_INTRO_BARS: Final = 12
DROP_ENERGY, DROP_RISE = 0.78, 0.2
"""The energy of a section, and its rise, from which the beat before it may be silent."""
BREATHING_STEMS: Final = frozenset({"drums", "bass", "harmony"})
DIALOGUE_BARS: Final = 2


@dataclass(frozen=True, slots=True)
class SectionShape:
    """A section, the one after it, and all parts that play in it, in their order."""

    section: Section
    following: Section
    playing: Sequence[Part]
    metre: Metre
    seed: int

    def apply(self, notes: list[Note], part: Part) -> list[Note]:
        """Return the notes of a part in the section, without those that its shape leaves out."""
        if self.section.name == LAST_CHORD:
            return notes
        if self.section.requested is None:
            notes = self._in_dialogue(self._from_entry(notes, part), part)
        return self._until_breath(notes, part)

    def _is_chosen(self, probability: float, *purpose: str) -> bool:
        return random_streams.chance(random_streams.stream(self.seed, *purpose), probability)

    def _from_entry(self, notes: list[Note], part: Part) -> list[Note]:
        """Let the part enter during an intro that builds. The first part of harmony, melody or bass starts it."""
        section = self.section
        bars = round(section.beats / self.metre.bar_length)
        first = next((one for stem in ("harmony", "melody", "bass") for one in self.playing if one.stem == stem), None)
        builds = section.is_first and 4 <= bars <= MAX_INTRO_BARS and self.following.energy >= section.energy + RISE
        if not builds or first in {None, part} or part.stem not in ENTRIES:
            return notes
        if not self._is_chosen(BUILD_PROBABILITY, "intro"):
            return notes
        share = random_streams.pick(random_streams.stream(self.seed, "entry", part.name), ENTRIES[part.stem])
        entry = section.start + self.metre.bar_length * round(share * bars)
        return [note for note in notes if note.start >= entry - 0.05]

    def _in_dialogue(self, notes: list[Note], part: Part) -> list[Note]:
        """Let melody parts that play the same theme take turns: call and response."""
        singers = [one.name for one in self.playing if one.stem == "melody"]
        if part.name not in singers or len(singers) < 2:
            return notes
        if not self._is_chosen(DIALOGUE_PROBABILITY, "dialogue", self.section.theme):
            return notes
        turn, own = DIALOGUE_BARS * self.metre.bar_length, singers.index(part.name)
        start = self.section.start - 0.05
        return [note for note in notes if int((note.start - start) / turn) % len(singers) == own]

    def _until_breath(self, notes: list[Note], part: Part) -> list[Note]:
        """Pause for the last beat before a much louder section."""
        section, following = self.section, self.following
        rises = following.energy >= DROP_ENERGY and following.energy - section.energy >= DROP_RISE
        if not rises or part.stem not in BREATHING_STEMS or section.beats < 4 * self.metre.bar_length:
            return notes
        if not self._is_chosen(BREATH_PROBABILITY, "breath", following.name):
            return notes
        pause = section.end - self.metre.counted_beat
        return [
            replace(note, beats=min(note.beats, max(0.1, pause - note.start)))
            for note in notes
            if note.start < pause - 0.05
        ]
