"""Reads lengths and points in time: "90 seconds", "2:30 long", "at 0:30"; "30s" may be a decade."""

from dataclasses import dataclass
from typing import Final

from engines.studio.languages import FIRST
from engines.studio.model.music_request import Length
from engines.studio.prompt.mentions import BOUNDS, ORDINALS, Labelled, Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.quantities.decades import read_decade

LENGTH_UNITS: Final = lookup("length_units")
HALVES: Final = lookup("halves")
TIME_PREPOSITIONS: Final = lookup("time_prepositions")
SHORT_UNITS: Final = frozenset({"s", "m", "h"})
MAX_GLUED_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time in seconds from the start of the track, and its range of token indexes."""

    seconds: float
    start: int
    end: int
    text: str


def read_clock_times(scanner: Scanner) -> list[ClockTime]:
    """Return all points in time in order: "at 0:30", "nach 20 Sekunden"."""
    times = []
    for index in range(len(scanner.tokens)):
        preposition = None if _is_in_bound(scanner, index) else scanner.longest(TIME_PREPOSITIONS, index)
        read = preposition and (_clock(scanner, preposition[0]) or _time(scanner, index, *preposition))
        if read:
            seconds, end = read
            end += scanner.at(end).key == "mark"
            mention = scanner.take(seconds, index, end)
            times.append(ClockTime(seconds, index, end, mention.text))
    return times


def _is_in_bound(scanner: Scanner, index: int) -> bool:
    """Return whether a word ends a longer one for a range: "a" in "fino a 0:20"."""
    found = scanner.longest(BOUNDS, index - 1)
    return found is not None and found[0] > index


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
        elif decade := read_decade(scanner, index):
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


def _amount(scanner: Scanner, index: int) -> tuple[float, int] | None:
    """Read "90 seconds", "two minutes", "1 min 30 s"."""
    total, end = 0.0, index
    while number := scanner.number_or_word(end):
        count, start = number
        half = scanner.longest(HALVES, start)
        start = half[0] if half else start
        start += scanner.at(start).text == "-"
        unit = scanner.longest(LENGTH_UNITS, start)
        if not unit or not _is_unit(scanner, start, has_digits=scanner.at(end).number is not None):
            break
        half_after = None if half else scanner.longest(HALVES, unit[0])
        total += (count + 0.5 * bool(half or half_after)) * float(unit[1][0].value)
        end = half_after[0] if half_after else unit[0]
    return (total, end) if total else None


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
