"""Reads tempos of a part of the track: "slower at the end" is a ritardando, "faster in the bridge" is not possible."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engines.studio.model.form_request import TimePoint, TrackRange
from engines.studio.prompt.form.place_targets import named_section, read_position, read_time
from engines.studio.prompt.form.places import END, SEQUENCE, find_bound_places
from engines.studio.prompt.mentions import BOUNDS, Mention, Scanner
from engines.studio.prompt.phrases.phrase_meanings import NON_MUSICAL_KINDS, PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.quantities.tempo import tempo_change_at
from engines.studio.prompt.unsupported import ACCELERATING, SLOWING, UNSUPPORTED

MAX_DISTANCE: Final = 5
"""The most tokens between a tempo and its place: "slower and quieter at the end"."""
OUTRO, LAST, RITARDANDO = "outro", "last", "ritardando"
PASSED_KINDS: Final = NON_MUSICAL_KINDS | {PhraseKind.MOOD, PhraseKind.ENERGY, PhraseKind.TRANSFORMATION}
"""Kinds of phrases that may lie between a tempo and its place."""
MAX_PREPOSITIONS: Final = 2
GRADUAL: Final = {SLOWING: -1.0, ACCELERATING: 1.0}


@dataclass(frozen=True, slots=True)
class LocalTempos:
    """Ritardandos at the end of the track, and the keys of unsupported.REASONS of other changes of tempo."""

    ritardandos: list[Mention[None]]
    unsupported: list[Mention[str]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A range of token indexes that names a place, and whether that is the end of the track."""

    start: int
    end: int
    is_end: bool


def read_local_tempos(scanner: Scanner) -> LocalTempos:
    """Read the words for a slower or faster tempo that have a place. They take their tokens."""
    found = LocalTempos([], [])
    found.ritardandos.extend(scanner.take(None, start, end) for start, end in list(_phrases(scanner)))
    changes = list(_changes(scanner))
    places = [_Place(one.start, one.end, _is_end(one.range)) for one in find_bound_places(scanner)] if changes else []
    bound = {place.start: place for place in places}
    for start, end, degree, is_word in changes:
        place = scanner.at(start).text and _place_near(scanner, start, end, bound)
        if not place or (is_word and not place.is_end):
            continue
        if degree < 0 and place.is_end:
            found.ritardandos.append(scanner.take(None, *_with_place(scanner, start, end, place)))
        else:
            found.unsupported.append(scanner.take(SLOWING if degree < 0 else ACCELERATING, start, end))
    return found


def _phrases(scanner: Scanner) -> Iterator[tuple[int, int]]:
    """Yield the token ranges of phrases for a ritardando that contain a place ("slows down at the end")."""
    index, is_negated = 0, False
    while index < len(scanner.tokens):
        phrase = PHRASE_TABLE.longest(scanner.tokens, index) if scanner.at(index).is_readable else None
        end, meaning = (phrase[0], phrase[1][0]) if phrase else (index + 1, None)
        if meaning and meaning.value == RITARDANDO and end > index + 1 and not is_negated:
            yield index, end
        is_negated = meaning is not None and meaning.kind is PhraseKind.NEGATION
        index = end


def _changes(scanner: Scanner) -> Iterator[tuple[int, int, float, bool]]:
    """Yield the token range and the degree of each word for a tempo, and whether it is no comparative ("slow")."""
    index = 0
    while index < len(scanner.tokens):
        phrase = PHRASE_TABLE.longest(scanner.tokens, index) if scanner.at(index).is_readable else None
        gradual = scanner.longest(UNSUPPORTED, index)
        change = tempo_change_at(scanner, index)
        end = index + 1
        if gradual and gradual[1][0].value in GRADUAL and not (phrase and phrase[0] > gradual[0]):
            end = gradual[0]
            yield index, end, GRADUAL[gradual[1][0].value], False
        elif change:
            end = change[1]
            yield index, end, change[0], False
        elif phrase:
            end = phrase[0]
            degree = next((float(one.value) for one in phrase[1] if one.kind is PhraseKind.TEMPO), 0.0)
            if degree and phrase[1][0].kind not in {PhraseKind.STYLE, PhraseKind.INSTRUMENT, PhraseKind.FORM}:
                yield index, end, degree, True
        index = end


def _place_near(scanner: Scanner, start: int, end: int, bound: dict[int, _Place]) -> _Place | None:
    """Return the nearest place after or before a range of tokens in its clause."""
    after = _walk(scanner, range(end, end + MAX_DISTANCE), bound)
    return after or _walk(scanner, range(start - 1, start - 1 - MAX_DISTANCE, -1), bound, limit=start)


def _walk(scanner: Scanner, indexes: range, bound: dict[int, _Place], limit: int | None = None) -> _Place | None:
    for index in indexes:
        token = scanner.at(index)
        place = bound.get(index) or _bare_end(scanner, index)
        if place and (limit is None or place.end <= limit):
            return place
        if not token.is_readable or _is_musical(scanner, index):
            return None
    return None


def _bare_end(scanner: Scanner, index: int) -> _Place | None:
    """Return the end of the track at a token: "end", "the last 8 bars", "zum Schluss", "outro"."""
    order = scanner.longest(SEQUENCE, index)
    if order and order[1][0].value == LAST:
        return _Place(index, order[0], is_end=True)
    target = read_time(scanner, index) or read_position(scanner, index) or named_section(scanner, index)
    if target is None:
        return None
    is_last = target.ordinal == -1 and target.time is not None
    is_end = is_last or target.section == OUTRO or (target.section is None and _is_late(target.time))
    return _Place(index, target.end, is_end=True) if is_end else None


def _is_end(scope: TrackRange) -> bool:
    return scope.section == OUTRO or (scope.section is None and _is_late(scope.time))


def _is_late(time: TimePoint | None) -> bool:
    """Return whether a time counts from the end of the track, or is a position there."""
    if time is None:
        return False
    amount = time.seconds if time.seconds is not None else time.bars
    return time.share >= END if amount is None else amount < 0


def _is_musical(scanner: Scanner, index: int) -> bool:
    phrase = PHRASE_TABLE.longest(scanner.tokens, index)
    return phrase is not None and phrase[1][0].kind not in PASSED_KINDS


def _with_place(scanner: Scanner, start: int, end: int, place: _Place) -> tuple[int, int]:
    """Return the range of a word and its place, or of the word alone if other ones share the place."""
    first = place.start
    while place.start - first < MAX_PREPOSITIONS and _is_preposition(scanner, first - 1):
        first -= 1
    first, last = min(start, first), max(end, place.end)
    others = (PHRASE_TABLE.longest(scanner.tokens, index) for index in (*range(first, start), *range(end, last + 1)))
    is_shared = any(one and one[1][0].kind is PhraseKind.CONJUNCTION for one in others)
    return (start, end) if is_shared else (first, last)


def _is_preposition(scanner: Scanner, index: int) -> bool:
    """Return whether a token may be a preposition or an article: "zum", "towards the"."""
    return scanner.at(index).is_readable and (bool(scanner.longest(BOUNDS, index)) or not _is_musical(scanner, index))
