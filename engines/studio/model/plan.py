"""The timeline of a composition: its tempo, its length and its sections."""

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
