"""Closely related keys, for modulations between the segments of a focus session."""

import re
from typing import Final

from engines.studio.theory.pitch import FLAT_NAMES, SHARP_NAMES, Key

KEY_NAME: Final = re.compile(r"^([A-G][b#]?) (major|minor)$")


def parse_key(name: str) -> Key:
    """Parse the name of a key, for example "Bb minor". Raises ValueError if it is invalid."""
    match = KEY_NAME.match(name)
    if not match:
        raise ValueError(f"Invalid key: {name!r}. Valid examples: C major, Bb minor, F# minor.")
    names = SHARP_NAMES if match[1] in SHARP_NAMES else FLAT_NAMES
    return Key(names.index(match[1]), match[2])


def closely_related(home: Key) -> tuple[Key, ...]:
    """Return the relative key and the keys of the dominant and the subdominant.

    The tonic chord of ``home`` belongs to all of them: two segments share it in their overlap.
    """
    relative = Key((home.tonic + (3 if home.is_minor else 9)) % 12, "major" if home.is_minor else "minor")
    return (relative, Key((home.tonic + 7) % 12, home.family), Key((home.tonic + 5) % 12, home.family))


def distance(first: Key, second: Key) -> int:
    """Return the distance of two key signatures on the circle of fifths, 0 to 6."""
    fifths = (_fifths(first) - _fifths(second)) % 12
    return min(fifths, 12 - fifths)


def _fifths(key: Key) -> int:
    return ((key.tonic + (3 if key.is_minor else 0)) * 7) % 12
