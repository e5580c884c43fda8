"""Reads metres, decades, lengths and points in time."""

from dataclasses import dataclass
from typing import Final

from engines.studio.languages import FIRST, LANGUAGES
from engines.studio.model.music_request import Length
from engines.studio.prompt.mentions import NUMBERS, Labelled, Mention, Scanner, lookup
from engines.studio.prompt.phrase_meanings import PhraseKind
from engines.studio.prompt.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import TokenKind

METRE_UNITS: Final = frozenset({2, 4, 8, 16})
MAX_PULSES: Final = 15
LENGTH_UNITS: Final = lookup("length_units")
HALVES: Final = lookup("halves")
DECADE_AFFIXES: Final = lookup("decade_affixes")
ORDINALS: Final = lookup("ordinals")
TIME_PREPOSITIONS: Final = lookup("time_prepositions")
SUFFIX_LANGUAGES: Final = frozenset(language.code for language in LANGUAGES if "after" in language.decade_affixes)
"""Languages in which a decade has a suffix ("80s"); a word before it only confirms that it is a decade."""
SHORT_UNITS: Final = frozenset({"s", "m", "h"})
MAX_GLUED_SECONDS: Final = 600.0
FIRST_YEAR, LAST_YEAR = 1900, 2029
ADVERTISEMENTS: Final = frozenset({"corporate", "advertisement"})
"""The style and the scene of short pieces, whose number of seconds is no decade ("30s jingle")."""
MIN_LIKELY_DECADE: Final = 50
"""From here on, "60s" is a decade unless a word marks it as a length; below, "30s" is a length."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time in seconds from the start of the track, and its range of token indexes."""

    seconds: float
    start: int
    end: int
    text: str


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


def read_clock_times(scanner: Scanner) -> list[ClockTime]:
    """Return all points in time in order: "at 0:30", "nach 20 Sekunden"."""
    times = []
    for index in range(len(scanner.tokens)):
        preposition = scanner.longest(TIME_PREPOSITIONS, index)
        read = preposition and (_clock(scanner, preposition[0]) or _time(scanner, index, *preposition))
        if read:
            seconds, end = read
            end += scanner.at(end).key == "mark"
            mention = scanner.take(seconds, index, end)
            times.append(ClockTime(seconds, index, end, mention.text))
    return times


def read_time(scanner: Scanner, index: int) -> tuple[float, int] | None:
    """Return the seconds of a time at a token ("0:30", "20 seconds"), and the index after it."""
    return _clock(scanner, index) or _amount(scanner, index)


def _time(scanner: Scanner, start: int, end: int, prepositions: tuple[Labelled, ...]) -> tuple[float, int] | None:
    """Read "at 30 s"; "a 30 second loop" has an English article, not an Italian preposition."""
    if len(scanner.at(start).key) == 1:
        unit = scanner.longest(LENGTH_UNITS, end + 1)
        codes = {label.language for label in unit[1]} if unit else set()
        if FIRST in codes or not codes & {label.language for label in prepositions}:
            return None
    return _amount(scanner, end)


def read_lengths_and_decades(scanner: Scanner) -> tuple[list[Mention[Length]], list[Mention[int]]]:
    """Return all lengths and the first years of all decades. "30s" is read by its neighbours."""
    lengths: list[Mention[Length]] = []
    decades: list[Mention[int]] = []
    for index in range(len(scanner.tokens)):
        if length := _labelled_length(scanner, index):
            lengths.append(length)
        elif decade := _decade(scanner, index):
            decades.append(decade)
        elif length := _length(scanner, index):
            lengths.append(length)
    return lengths, decades


def _clock(scanner: Scanner, index: int) -> tuple[float, int] | None:
    """Read "0:30" or "1:02:03"."""
    minutes, seconds = scanner.at(index).number, scanner.at(index + 2)
    if minutes is None or scanner.at(index + 1).text != ":" or seconds.number is None or len(seconds.text) != 2:
        return None
    return 60.0 * minutes + seconds.number, index + 3


def _amount(scanner: Scanner, index: int, *, with_words: bool = True) -> tuple[float, int] | None:
    """Read "90 seconds", "two minutes", "1 min 30 s"."""
    total, end = 0.0, index
    while True:
        amount = scanner.at(end).number
        word = scanner.longest(NUMBERS, end) if with_words and amount is None else None
        start = end + 1 if amount is not None else word[0] if word else None
        if start is None:
            break
        half = scanner.longest(HALVES, start)
        start = half[0] if half else start
        start += scanner.at(start).text == "-"
        unit = scanner.longest(LENGTH_UNITS, start)
        if not unit or not _is_unit(scanner, start, has_digits=amount is not None):
            break
        half_after = None if half else scanner.longest(HALVES, unit[0])
        count = amount if amount is not None else _word_value(word)
        total += (count + 0.5 * bool(half or half_after)) * float(unit[1][0].value)
        end = half_after[0] if half_after else unit[0]
    return (total, end) if total else None


def _word_value(word: tuple[int, tuple[Labelled, ...]] | None) -> float:
    return float(word[1][0].value) if word else 0.0


def _is_unit(scanner: Scanner, index: int, *, has_digits: bool) -> bool:
    """Return whether a short unit is one: "30s" and "2m" after digits, "8 s" at the end of a clause."""
    token = scanner.at(index)
    if token.key not in SHORT_UNITS:
        return True
    return has_digits and (token.is_glued or scanner.is_edge(index + 1))


def _labelled_length(scanner: Scanner, index: int) -> Mention[Length] | None:
    """Read "Duration: 0:12", "length 90 seconds", "2:30 long"."""
    label = scanner.is_label(index, "length")
    if label is not None:
        start = scanner.after_separator(label)
        read = _clock(scanner, start) or _amount(scanner, start)
        if not read and scanner.at(start).number is not None and scanner.is_edge(start + 1):
            read = scanner.at(start).number or 0.0, start + 1
        if not read:
            return None
        seconds, end = read
        unit = scanner.longest(LENGTH_UNITS, end)
        return _take_length(scanner, seconds, index, unit[0] if unit else end)
    clock = _clock(scanner, index)
    if not clock:
        return None
    seconds, end = clock
    start = end + (scanner.at(end).text == "-")
    unit = scanner.longest(LENGTH_UNITS, start)
    after = unit[0] if unit else scanner.is_label(start, "length")
    is_alone = scanner.is_edge(index - 1) and scanner.is_edge(end)
    return _take_length(scanner, seconds, index, after or end) if after or is_alone else None


def _length(scanner: Scanner, index: int) -> Mention[Length] | None:
    read = _amount(scanner, index)
    if not read:
        return None
    seconds, end = read
    if scanner.longest(ORDINALS, index - 1):  # "the first 20 seconds"
        return None
    if _is_known_name(scanner, index) and not scanner.is_label(end, "length"):
        return None
    start = end + (scanner.at(end).text == "-")
    return _take_length(scanner, seconds, index, scanner.is_label(start, "length") or end)


def _take_length(scanner: Scanner, seconds: float, start: int, end: int) -> Mention[Length]:
    return scanner.take(Length(seconds, scanner.text.slice(start, end)), start, end)


def _is_known_name(scanner: Scanner, index: int) -> bool:
    """Return whether a number with a suffix names an instrument ("808s") or lasts too long for a short unit."""
    found = PHRASE_TABLE.longest(scanner.tokens, index)
    is_name = (
        found is not None
        and found[0] > index + 1
        and any(meaning.kind in {PhraseKind.INSTRUMENT, PhraseKind.STYLE} for meaning in found[1])
    )
    return is_name or (scanner.at(index + 1).key == "s" and (scanner.at(index).number or 0.0) > MAX_GLUED_SECONDS)


def _decade(scanner: Scanner, index: int) -> Mention[int] | None:
    """Read "80s", "'80s", "1980s", "80er", "anni 80"."""
    word = scanner.longest(DECADE_AFFIXES, index)
    is_before = word is not None and any(label.value == "before" for label in word[1])
    start = word[0] if word and is_before else index
    start += scanner.at(start).key == "" and scanner.at(start).text == "'"
    token = scanner.at(start)
    year = _first_year(token.key) if token.kind is TokenKind.NUMBER else None
    if year is None:
        return None
    end = start + 1
    end += scanner.at(end).text in {"'", "-"}
    is_suffix = scanner.at(end).is_glued or len(scanner.at(end).key) > 1
    suffix = scanner.longest(DECADE_AFFIXES, end) if is_suffix else None
    if suffix and any(label.value == "after" for label in suffix[1]):
        is_certain = is_before or start > index or len(token.key) > 2 or scanner.at(end).key != "s"
        if not is_certain and not _is_decade_here(scanner, token.key, suffix[0]):
            return None
        if _is_part_of_style(scanner, start, suffix[0]):
            return Mention(year, start, suffix[0], "")
        return scanner.take(
            year, start if is_before and word and word[1][0].language in SUFFIX_LANGUAGES else index, suffix[0]
        )
    if word and is_before and any(label.language not in SUFFIX_LANGUAGES for label in word[1]):
        return scanner.take(year, index, end)
    return None


def _is_part_of_style(scanner: Scanner, start: int, end: int) -> bool:
    """Return whether a decade belongs to the name of a style, such as "60s pop"."""
    found = PHRASE_TABLE.longest(scanner.tokens, start)
    return found is not None and found[0] > end and any(meaning.kind is PhraseKind.STYLE for meaning in found[1])


def _first_year(digits: str) -> int | None:
    """Return the first year of a decade; "20" is 1920, "10" is 2010."""
    if len(digits) == 2 and digits.endswith("0"):
        tens = int(digits[0])
        return 10 * tens + (2000 if tens < 2 else 1900)
    is_year = len(digits) == 4 and digits.isdigit() and digits.endswith("0") and FIRST_YEAR <= int(digits) <= LAST_YEAR
    return int(digits) if is_year else None


def _is_decade_here(scanner: Scanner, digits: str, end: int) -> bool:
    """Decide between a decade and a length: "30s jazz" and "60s" are decades, "30s jingle" and "60s long" lengths."""
    if scanner.is_label(end, "length") or scanner.at(end).key == "of":
        return False
    found = PHRASE_TABLE.longest(scanner.tokens, end)
    kinds = {(meaning.kind, meaning.value) for meaning in found[1]} if found else set()
    if int(digits) >= MIN_LIKELY_DECADE:
        return not any(value in ADVERTISEMENTS for _, value in kinds)
    return any(
        kind in {PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE} and value not in ADVERTISEMENTS
        for kind, value in kinds
    )
