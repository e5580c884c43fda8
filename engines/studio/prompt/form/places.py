"""Finds places in a prompt: "until the second chorus", "in the bridge", "after 16 bars", "from 0:20 to 0:40"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.model.form_request import Extent, TimePoint, TrackRange
from engines.studio.prompt.form.place_targets import (
    BAR_UNITS,
    POSITIONS,
    Target,
    named_section,
    read_ordinal,
    read_position,
    read_target,
    read_time,
    section_with_ordinal,
)
from engines.studio.prompt.form.sections import SECTION_NAMES
from engines.studio.prompt.mentions import BOUNDS, ORDINALS, RANGE_WORDS, Labelled, Scanner, lookup
from engines.studio.prompt.quantities import lengths
from engines.studio.prompt.verb_homonyms import is_named_instrument

POSTPONED_BOUNDS: Final = lookup("postponed_bounds")
EXCLUSIVITY: Final = lookup("exclusivity")
PRESENCE: Final = lookup("presence")
SEQUENCE: Final = lookup("sequence")
PLACE_WORDS: Final = (SECTION_NAMES, POSITIONS, BAR_UNITS, lengths.LENGTH_UNITS)
THROUGHOUT: Final = "throughout"
NOT_IN: Final = "not_in"
ARTICLE: Final = "a"
"""A preposition of Italian, Spanish and Portuguese before times, an article before sections: "with a solo"."""
MAX_PLACES: Final = 24
"""The most places that are read."""
START, END = 0.1, 0.9
"""The shares up to which a position is the start, and from which on it is the end."""
SECOND_HALF: Final = 0.67
"""The position from which on a range reaches to the end of the track ("in the second half")."""


@dataclass(frozen=True, slots=True)
class Place:
    """A range of the track that a prompt names, and the range of token indexes that names it.

    ``is_bound`` is whether a word such as "in" or "until" precedes or follows it, and ``is_only`` whether that word
    means "only in" ("サビだけ"); ``is_negated`` is whether it means "not in" ("out of the intro").
    """

    range: TrackRange
    start: int
    end: int
    is_bound: bool = True
    is_only: bool = False
    is_negated: bool = False


def presence_at(scanner: Scanner, index: int) -> tuple[int, str] | None:
    """Return the end and the meaning of a verb at a token, by which instruments enter or leave."""
    verb = scanner.longest(PRESENCE, index)
    is_verb = verb is not None and not is_named_instrument(scanner.tokens, index)
    return (verb[0], verb[1][0].value) if verb and is_verb else None


def find_bound_places(scanner: Scanner) -> list[Place]:
    """Return the first places after or before words such as "in" and "until". They do not take their tokens."""
    places: list[Place] = []
    index = 0
    while index < len(scanner.tokens) and len(places) < MAX_PLACES:
        verb = presence_at(scanner, index)
        if verb and verb[0] > index + 1:
            index = verb[0]  # the "in" of "come in" is no preposition
            continue
        place = _bound_place(scanner, index) or _place_before_bound(scanner, index) or _bare_time(scanner, index)
        if place:
            places.append(place)
        index = place.end if place else index + 1
    return places


def _bare_time(scanner: Scanner, index: int) -> Place | None:
    """Return the place of "the last 10 seconds", or of a position after a verb ("drums enter halfway")."""
    if scanner.longest(ORDINALS, index):
        time = read_time(scanner, index)
        return _within_time(time, index) if time else None
    is_after_verb = any((verb := presence_at(scanner, i)) and verb[0] == index for i in (index - 1, index - 2))
    position = read_position(scanner, index) if is_after_verb else None
    return Place(TrackRange(Extent.FROM, time=position.time), index, position.end) if position else None


def bare_section(scanner: Scanner, index: int) -> Place | None:
    """Return the section at a token as a place, with the ordinal before or after it: "second verse", "chorus 2"."""
    target = named_section(scanner, index)
    if target is None or target.section is None:
        return None
    start = index
    for before in (index - 1, index - 2):
        ordinal = read_ordinal(scanner, before)
        if ordinal and ordinal[1] == index:
            start = before
            target = Target(target.section, ordinal[0], None, target.end)
    return Place(TrackRange(Extent.WITHIN, target.section, target.ordinal), start, target.end, is_bound=False)


def place_of_time(scanner: Scanner, time: lengths.ClockTime) -> Place:
    """Return the place of a point in time: from there on, or up to another time ("from 0:20 to 0:40")."""
    end_time, end = _end_of_range(scanner, time.end)
    return Place(TrackRange(Extent.FROM, time=TimePoint(0.5, time.seconds), end=end_time), time.start, end)


def _bound_place(scanner: Scanner, index: int) -> Place | None:
    bound = scanner.longest(BOUNDS, index)
    whole = scanner.longest(SEQUENCE, index)
    if not bound or (whole and any(word.value == THROUGHOUT for word in whole[1])):  # "from start to end"
        return None
    target = read_target(scanner, bound[0])
    meaning = _meaning(scanner, bound[1], bound[0], target.end if target else bound[0])
    is_negated = meaning == NOT_IN
    extent = Extent.WITHIN if is_negated else Extent(meaning)
    is_article = scanner.at(index).text.lower() == ARTICLE and bound[0] == index + 1
    if target is None or (is_article and target.section is not None):
        return None
    if is_negated and target.section is not None:
        return Place(TrackRange(extent, target.section, target.ordinal), index, target.end, is_negated=True)
    if target.section is None and extent is Extent.WITHIN:
        return _within_time(target, index)
    end_time, end = _end_of_range(scanner, target.end) if extent is Extent.FROM and target.time else (None, target.end)
    if end_time and _is_position(target.time, 0.0, START) and _is_position(end_time, END, 1.0):
        return None  # "from the start to the end" is the whole track
    extent = Extent.FROM if target.time and extent is Extent.AFTER else extent
    is_start = extent is Extent.FROM and _is_position(target.time, 0.0, START)
    time = TimePoint(0.0) if is_start else target.time
    return Place(TrackRange(extent, target.section, target.ordinal, time, end_time), index, end)


def _meaning(scanner: Scanner, bounds: Sequence[Labelled], start: int, end: int) -> str:
    """Return the meaning of a bound in the language of the place in a range of tokens: "na" in Portuguese or Dutch."""
    words = [scanner.longest(table, index) for table in PLACE_WORDS for index in range(start, end)]
    languages = {label.language for word in words if word for label in word[1]}
    return next((bound.value for bound in bounds if bound.language in languages), bounds[0].value)


def _is_position(time: TimePoint | None, low: float, high: float) -> bool:
    """Return whether a time is a share of the track in a range."""
    return time is not None and time.seconds is None and time.bars is None and low <= time.share <= high


def _within_time(target: Target, index: int) -> Place:
    """Return the place of "at 0:20", "in the first 20 seconds", "in the middle" or "in the second half"."""
    time = target.time or TimePoint(0.5)
    if target.ordinal is not None and target.ordinal > 0:
        return Place(TrackRange(Extent.UNTIL, time=time), index, target.end)
    is_point = time.seconds is not None or time.bars is not None
    extent = Extent.FROM if is_point or time.share >= SECOND_HALF else Extent.WITHIN
    return Place(TrackRange(extent, time=time), index, target.end)


def _end_of_range(scanner: Scanner, index: int) -> tuple[TimePoint | None, int]:
    """Return the second time of "from 0:20 to 0:40", and the index after it."""
    until = scanner.longest(RANGE_WORDS, index) or scanner.longest(BOUNDS, index)
    target = read_target(scanner, until[0]) if until else None
    return (target.time, target.end) if target and target.time and target.section is None else (None, index)


def _place_before_bound(scanner: Scanner, index: int) -> Place | None:
    """Return the place before a postposition: "2番目のサビまで", "후렴부터"."""
    target = section_with_ordinal(scanner, index)
    bound = scanner.longest(POSTPONED_BOUNDS, target.end) if target else None
    if not target or not bound:
        return None
    is_only = scanner.longest(EXCLUSIVITY, target.end) is not None
    scope = TrackRange(Extent(bound[1][0].value), target.section, target.ordinal)
    return Place(scope, index, bound[0], is_only=is_only)
