"""Reads what the bounds of places refer to: sections with ordinals, times, numbers of bars and positions."""

from dataclasses import dataclass
from typing import Final

from engines.studio.model.form_request import TimePoint
from engines.studio.prompt.form.sections import PART, SECTION_NAMES
from engines.studio.prompt.mentions import ORDINALS, STOP_WORDS, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.quantities import lengths
from engines.studio.prompt.verb_homonyms import is_named_instrument

BAR_UNITS: Final = lookup("bar_units")
POSITIONS: Final = lookup("positions", is_inflected=True)
MAX_SKIPPED: Final = 3
"""The most articles and prepositions between "in" and the name of a section."""
MAX_ORDINAL: Final = 9
MIN_NUMBER_LETTERS: Final = 3
"""Shorter number words are articles, too."""
ORDINAL_SIGNS: Final = frozenset(".-")


@dataclass(frozen=True, slots=True)
class Target:
    """What a bound such as "until" refers to: a section, a time or a position, and the index of the token after it.

    ``ordinal`` counts sections or times; -1 is the last.
    """

    section: str | None
    ordinal: int | None
    time: TimePoint | None
    end: int


def read_target(scanner: Scanner, index: int) -> Target | None:
    """Read a section, a time, a number of bars or a position, after articles."""
    for _ in range(MAX_SKIPPED):
        target = section_with_ordinal(scanner, index) or read_time(scanner, index) or read_position(scanner, index)
        if target:
            return target
        skipped = scanner.longest(STOP_WORDS, index)
        if not skipped or is_named_instrument(scanner.tokens, index):
            return None
        index = skipped[0]
    return None


def named_section(scanner: Scanner, index: int) -> Target | None:
    name = scanner.longest(SECTION_NAMES, index)
    if not name or name[1][0].value == PART:
        return None
    ordinal = _ordinal_after(scanner, name[0])
    return Target(name[1][0].value, ordinal[0] if ordinal else None, None, ordinal[1] if ordinal else name[0])


def _ordinal_after(scanner: Scanner, index: int) -> tuple[int, int] | None:
    """Read the ordinal after a section: "chorus 2", "اللازمة الثانية"; it does not belong to another section."""
    word = scanner.longest(ORDINALS, index)
    if word:
        return None if scanner.longest(SECTION_NAMES, word[0]) else (int(word[1][0].value), word[0])
    read = scanner.number_or_word(index)
    is_word = scanner.at(index).number is None
    if read is None or (is_word and len(scanner.at(index).key) < MIN_NUMBER_LETTERS):
        return None
    number, end = read
    following = scanner.at(end)
    is_counted = following.is_glued or any(scanner.longest(units, end) for units in (BAR_UNITS, lengths.LENGTH_UNITS))
    is_counted = is_counted or (is_word and _is_noun(scanner, end))
    is_ordinal = 1 <= number <= MAX_ORDINAL and (following.is_break or not is_counted)
    return (int(number), end) if is_ordinal else None


def _is_noun(scanner: Scanner, index: int) -> bool:
    """Return whether a number word may count what follows: "in the chorus two guitars"."""
    found = PHRASE_TABLE.longest(scanner.tokens, index)
    return found is not None and found[1][0].kind <= PhraseKind.APPROXIMATED_STYLE


def section_with_ordinal(scanner: Scanner, index: int) -> Target | None:
    ordinal = read_ordinal(scanner, index)
    if ordinal and (target := named_section(scanner, ordinal[1])):
        return Target(target.section, ordinal[0], None, target.end)
    return named_section(scanner, index)


def read_ordinal(scanner: Scanner, index: int) -> tuple[int, int] | None:
    """Read "second", "last", "2nd", "2.", "2e": the ordinal and the index after it."""
    word = scanner.longest(ORDINALS, index)
    if word:
        return int(word[1][0].value), word[0]
    number = scanner.at(index).number
    if number is None or not 1 <= number <= MAX_ORDINAL or number != int(number):
        return None
    end = index + 1
    end += scanner.at(end).text in ORDINAL_SIGNS
    suffix = scanner.at(end)
    end += suffix.is_readable and suffix.is_glued and len(suffix.key) <= MAX_SKIPPED
    return (int(number), end) if end > index + 1 else None


def read_time(scanner: Scanner, index: int) -> Target | None:
    """Read "0:20", "20 seconds", "16 bars", "the first 20 seconds", "the last 8 bars"."""
    word = scanner.longest(ORDINALS, index)
    ordinal, start = (int(word[1][0].value), word[0]) if word else (None, index)
    if ordinal is None and (after := _ordinal_before_unit(scanner, start)):
        return after
    read = lengths.read_time(scanner, start)
    sign = -1.0 if ordinal == -1 else 1.0
    if read:
        return Target(None, ordinal, TimePoint(0.5, sign * read[0]), read[1])
    bars = read_bars(scanner, start)
    return Target(None, ordinal, TimePoint(0.5, bars=sign * bars[0]), bars[1]) if bars else None


def _ordinal_before_unit(scanner: Scanner, index: int) -> Target | None:
    """Read "20 premières secondes", "8 dernières mesures"."""
    number = scanner.number_or_word(index)
    word = scanner.longest(ORDINALS, number[1]) if number else None
    if not number or not word:
        return None
    ordinal = int(word[1][0].value)
    count = -number[0] if ordinal == -1 else number[0]
    unit, bars = scanner.longest(lengths.LENGTH_UNITS, word[0]), scanner.longest(BAR_UNITS, word[0])
    if unit:
        return Target(None, ordinal, TimePoint(0.5, count * float(unit[1][0].value)), unit[0])
    return Target(None, ordinal, TimePoint(0.5, bars=count), bars[0]) if bars else None


def read_bars(scanner: Scanner, index: int) -> tuple[float, int] | None:
    """Return the number of bars at a token ("8 bars", "8-bar"), and the index after it."""
    number = scanner.number_or_word(index)
    if number is None:
        return None
    count, end = number
    unit = scanner.longest(BAR_UNITS, end + (scanner.at(end).text == "-"))
    return (count, unit[0]) if unit else None


def read_position(scanner: Scanner, index: int) -> Target | None:
    found = scanner.longest(POSITIONS, index)
    return Target(None, None, TimePoint(float(found[1][0].value)), found[0]) if found else None
