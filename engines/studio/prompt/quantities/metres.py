"""Reads metres: "3/4", "6/8 time"."""

from collections.abc import Mapping
from typing import Final

from engines.studio.prompt.mentions import NONE, Mention, Scanner

METRE_UNITS: Final = frozenset({2, 4, 8, 16})
MAX_PULSES: Final = 15
IN: Final = frozenset({"in", "en", "im"})
METRES_BY_PULSES: Final[Mapping[float, str]] = {
    3.0: "3/4", 4.0: "4/4", 5.0: "5/4", 6.0: "6/8", 7.0: "7/8", 9.0: "9/8", 12.0: "12/8",
}  # fmt: skip
"""What musicians mean by "in 3"."""


def read_metres(scanner: Scanner) -> list[Mention[str]]:
    """Return all metres: "3/4", "4/4 time", "in 3"."""
    found = []
    for index in range(len(scanner.tokens)):
        if counted := _metre_of_pulses(scanner, index):
            found.append(counted)
            continue
        pulses, unit = scanner.at(index).number, scanner.at(index + 2).number
        slash = scanner.at(index + 1)
        if pulses is None or unit is None or slash.text != "/":
            continue
        is_metre = unit in METRE_UNITS and 1 < pulses <= MAX_PULSES and pulses == int(pulses)
        if is_metre and not _is_slash(scanner, index + 3) and not _is_slash(scanner, index - 1):
            found.append(scanner.take(f"{pulses:g}/{unit:g}", index, index + 3))
    return found


def _metre_of_pulses(scanner: Scanner, index: int) -> Mention[str] | None:
    """Read "in 3" or "in five" at the end of a clause."""
    read = scanner.number_or_word(index + 1) if scanner.at(index).key in IN else None
    if read is None:
        return None
    pulses, end = read
    metre, following = METRES_BY_PULSES.get(pulses), scanner.at(end)
    return scanner.take(metre, index, end) if metre and (following is NONE or following.is_break) else None


def _is_slash(scanner: Scanner, index: int) -> bool:
    """Return whether a token is a slash within a date or a fraction, not one between clauses."""
    return scanner.at(index).text == "/" and not scanner.at(index).is_break
