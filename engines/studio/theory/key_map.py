"""The keys of a piece and the beats at which they begin."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from engines.studio.theory.pitch import Key

TOLERANCE: Final = 1e-6
"""In beats: sums of section lengths are not exact."""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """Keys in order, each with the beat at which it begins. The first one begins at 0; neighbours differ."""

    changes: tuple[tuple[float, Key], ...]

    def at(self, beat: float) -> Key:
        """Return the key at a beat that is not negative."""
        return self.changes[bisect_right(self.changes, beat + TOLERANCE, key=lambda change: change[0]) - 1][1]
