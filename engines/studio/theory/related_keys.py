"""Which keys a focus session may move to from one segment to the next."""

import re
from typing import Final

from engines.studio.theory.pitch import FLAT_NAMES, SHARP_NAMES, Key

KEY_NAME: Final = re.compile(r"^([A-G][b#]?) (major|minor)$")


def parse_key(name: str) -> Key:
    """The key of a name such as "Bb minor". Raises ValueError for what is none."""
    match = KEY_NAME.match(name)
    if not match:
        raise ValueError(f"Not a key: {name}.")
    names = SHARP_NAMES if match[1] in SHARP_NAMES else FLAT_NAMES
    return Key(names.index(match[1]), match[2])


def closely_related(home: Key) -> tuple[Key, ...]:
    """Where a session may move to: the relative key, the dominant and the subdominant, of the same family.

    The tonic chord of ``home`` belongs to each of them, which is what the two segments share at their join.
    """
    relative = Key((home.tonic + (3 if home.is_minor else 9)) % 12, "major" if home.is_minor else "minor")
    return (relative, Key((home.tonic + 7) % 12, home.family), Key((home.tonic + 5) % 12, home.family))


def distance(one: Key, other: Key) -> int:
    """How many fifths lie between the signatures of two keys, 0 to 6."""
    apart = (_fifths(one) - _fifths(other)) % 12
    return min(apart, 12 - apart)


def _fifths(one: Key) -> int:
    return ((one.tonic + (3 if one.is_minor else 0)) * 7) % 12
