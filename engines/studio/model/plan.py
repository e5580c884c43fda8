"""The timeline of a composition: its tempo, its length and its sections."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engines.studio.model.composition import Section

LAST_CHORD: Final = "ending"
"""Name of the section that consists of the last chord, which rings until the end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The tempo in quarter notes per minute, the length in quarter notes, and the sections, without gaps."""

    tempo: float
    beats: float
    sections: tuple[Section, ...]


def consecutive_sections(
    rows: Iterable[tuple[str, str, float, float]], first_repetition: int = 0
) -> tuple[Section, ...]:
    """Build sections that follow each other from rows of name, theme, energy and length in quarter notes."""
    sections: list[Section] = []
    start, repetitions, rows = 0.0, dict[str, int](), list(rows)
    for index, (name, theme, energy, beats) in enumerate(rows):
        repetition = repetitions.get(name, first_repetition)
        repetitions[name] = repetition + 1
        is_last = index == len(rows) - 1
        sections.append(Section(name, theme, start, beats, energy, repetition, index == 0, is_last))
        start += beats
    return tuple(sections)
