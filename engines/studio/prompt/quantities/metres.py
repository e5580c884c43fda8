"""Reads metres: "3/4", "6/8 time"."""

from typing import Final

from engines.studio.prompt.mentions import Mention, Scanner

METRE_UNITS: Final = frozenset({2, 4, 8, 16})
MAX_PULSES: Final = 15


def read_metres(scanner: Scanner) -> list[Mention[str]]:
    """Return all metres: "3/4", "4/4 time"."""
    found = []
    for index in range(len(scanner.tokens)):
        pulses, unit = scanner.at(index).number, scanner.at(index + 2).number
        slash = scanner.at(index + 1)
        if pulses is None or unit is None or slash.text != "/":
            continue
        is_metre = unit in METRE_UNITS and 1 < pulses <= MAX_PULSES and pulses == int(pulses)
        if is_metre and not _is_slash(scanner, index + 3) and not _is_slash(scanner, index - 1):
            found.append(scanner.take(f"{pulses:g}/{unit:g}", index, index + 3))
    return found


def _is_slash(scanner: Scanner, index: int) -> bool:
    """Return whether a token is a slash within a date or a fraction, not one between clauses."""
    return scanner.at(index).text == "/" and not scanner.at(index).is_break
