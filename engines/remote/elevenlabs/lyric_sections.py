"""Divide lyrics into sections by their tags, and a duration among the sections.

The bounds are those of sections in composition plans (types ``SongSection`` and ``GenerationChunkInput`` of the client
elevenlabs-python, read on 2026-11-30).
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

MIN_MS: Final = 3_000
MAX_MS: Final = 120_000
MAX_LINES: Final = 30
MAX_LINE_LENGTH: Final = 200
MAX_NAME_LENGTH: Final = 100

_TAG: Final = re.compile(r"\s*\[([^\[\]:]+)(?::([^\[\]]*))?\]\s*")
_UNTAGGED: Final = "Verse"
_FILLER: Final = "Instrumental"
_EMPTY_WEIGHT: Final = 2
"""A section without lyrics is as long as one with this number of lines."""


@dataclass(frozen=True, slots=True)
class LyricSection:
    """A section with its lines and the style of its tag ("loud" of "[Chorus: loud]"), empty without one."""

    name: str
    lines: tuple[str, ...] = ()
    style: str = ""
    duration_ms: int = 0


class TooManySectionsError(Exception):
    """The duration is too short for the sections; ``needed_ms`` is the shortest that suffices."""

    def __init__(self, needed_ms: int) -> None:
        super().__init__(needed_ms)
        self.needed_ms = needed_ms


def read(lyrics: str) -> tuple[LyricSection, ...]:
    """Return the sections of lyrics. Long lines are wrapped, and sections with too many lines are divided."""
    sections: list[LyricSection] = []
    for line in lyrics.splitlines():
        if tag := _TAG.fullmatch(line):
            sections.append(LyricSection(tag[1].strip()[:MAX_NAME_LENGTH], style=(tag[2] or "").strip()))
        elif line.strip():
            last = sections.pop() if sections else LyricSection(_UNTAGGED)
            wrapped = textwrap.wrap(line.strip(), MAX_LINE_LENGTH)
            sections.append(replace(last, lines=(*last.lines, *wrapped)))
    return tuple(part for section in sections for part in _divided(section))


def lay_out(sections: Sequence[LyricSection], total_ms: int) -> tuple[LyricSection, ...]:
    """Return the sections with durations by their numbers of lines, which add up to the total.

    Instrumental sections are added if the total is longer than the sections may be. Raises TooManySectionsError.
    """
    if (needed := len(sections) * MIN_MS) > total_ms:
        raise TooManySectionsError(needed)
    missing = max(-(-total_ms // MAX_MS) - len(sections), 0)
    extended = (*sections, *[LyricSection(_FILLER)] * missing)
    durations = _durations([len(each.lines) or _EMPTY_WEIGHT for each in extended], total_ms)
    return tuple(replace(each, duration_ms=length) for each, length in zip(extended, durations, strict=True))


def _divided(section: LyricSection) -> list[LyricSection]:
    starts = range(0, max(len(section.lines), 1), MAX_LINES)
    return [replace(section, lines=section.lines[start : start + MAX_LINES]) for start in starts]


def _durations(weights: Sequence[int], total_ms: int) -> list[int]:
    """Return lengths in proportion to the weights within the bounds, which add up to the total."""
    lengths = [MIN_MS] * len(weights)
    while (left := total_ms - sum(lengths)) > 0:
        growing = [i for i, length in enumerate(lengths) if length < MAX_MS]
        whole = sum(weights[i] for i in growing)
        for i in growing:
            step = max(left * weights[i] // whole, 1)
            lengths[i] += min(step, MAX_MS - lengths[i], total_ms - sum(lengths))
    return lengths
