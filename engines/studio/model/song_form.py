"""Song forms: the order of sections around those that a request names."""

from collections.abc import Mapping, Sequence
from typing import Final

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "intro": frozenset({"introduction", "opening", "prelude", "taqsim", "alap"}),
    "verse": frozenset({"first verse", "second verse", "rap", "letra", "antara"}),
    "prechorus": frozenset({"pre-chorus"}),
    "chorus": frozenset({"refrain", "hook", "mukhda"}),
    "bridge": frozenset({"middle eight", "trio"}),
    "break": frozenset({"breakdown", "interlude"}),
    "outro": frozenset({"coda", "finale", "close"}),
}
"""Names of the sections of styles that have the role of a section which prompts name."""
ROUNDS: Final = 2
"""How often verse and chorus alternate if a request does not need more."""
REPEATED: Final = ("verse", "prechorus", "chorus")
BEFORE_LAST_CHORUS: Final = ("bridge", "break", "solo", "drop")


def role_of(name: str) -> str:
    """Return the role of a section of a style: "chorus" for a refrain."""
    return next((role for role, names in ROLES.items() if name in names), name)


def song_form(needed: Mapping[str, int], absent: Sequence[str] = (), rounds: int = ROUNDS) -> tuple[str, ...]:
    """Return the names of sections of a form that has as many sections of each name as needed."""
    if "drop" in needed and not needed.keys() & {"verse", "prechorus", "chorus"}:
        names = [*["verse", "drop"], *["break", "drop"] * max(1, needed["drop"] - 1)]
        others = [name for name in ("bridge", "solo") for _ in range(needed.get(name, 0))]
        names = [*names[:-1], *others, names[-1]]
    else:
        rounds = max(rounds, *(needed.get(name, 0) for name in REPEATED))
        one = ["verse", "prechorus", "chorus"] if "prechorus" in needed else ["verse", "chorus"]
        others = [name for name in BEFORE_LAST_CHORUS for _ in range(needed.get(name, 0))]
        names = [*one * (rounds - 1), *one[:-1], *others, one[-1]]
    return tuple(name for name in ("intro", *names, "outro") if name not in absent)


def with_solo(names: Sequence[str], section: str, ordinal: int) -> list[str]:
    """Insert a solo after a section of a form; a chorus follows it."""
    found = [index for index, name in enumerate(names) if name == section]
    index = found[min(ordinal, len(found)) - 1] + 1 if found else len(names) - 1
    following = ["chorus"] if list(names[index:]) == ["outro"] else []
    return [*names[:index], "solo", *following, *names[index:]]


def needed_sections(ordinals: Sequence[tuple[str, int | None]]) -> dict[str, int]:
    """Return how many sections of each name a form needs that has sections of these names and ordinals."""
    needed: dict[str, int] = {}
    for name, ordinal in ordinals:
        needed[name] = max(needed.get(name, 0), ordinal or 1, 1)
    return needed
