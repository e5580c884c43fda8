"""The phrases of all languages and styles in one table, and the walk over a request that finds them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import phrases
from engines.studio.prompt import vocabulary
from engines.studio.prompt.tokens import Word, spellings
from engines.studio.styles import STYLES


class Kind(IntEnum):
    """What a phrase speaks of; of two meanings of one phrase the lower counts."""

    STYLE = 0
    INSTRUMENT = 1
    FORM = 2
    METRE = 3
    MOOD = 4
    ENERGY = 5
    PACE = 6
    ERA = 7
    MODE = 8
    PLAYING = 9
    NEAR_STYLE = 10
    PLACE = 11
    NEGATION = 12
    ONLY = 13
    JOIN = 14
    LINK = 15
    QUIET = 16


SAYS_NOTHING: Final = frozenset({Kind.PLACE, Kind.NEGATION, Kind.ONLY, Kind.JOIN, Kind.LINK, Kind.QUIET})
Meaning = tuple[Kind, str | float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was found: what it means, the words it spans (first, one past the last) and how it was written."""

    kind: Kind
    value: str | float
    first: int
    last: int
    written: str


def _rows() -> Iterator[tuple[Iterable[str], Kind, str | float]]:
    for style in STYLES.values():
        yield style.keywords, Kind.STYLE, style.key
    for names, row in vocabulary.NEAR_STYLES.items():
        yield phrases(row), Kind.NEAR_STYLE, names
    for language in LANGUAGES:
        yield from ((phrases(row), Kind.STYLE, names) for names, row in language.styles.items())
        yield from ((phrases(row), Kind.INSTRUMENT, name) for name, row in language.instruments.items())
        yield from ((phrases(row), Kind.FORM, hint) for hint, row in language.forms.items())
        yield from ((phrases(row), Kind.METRE, metre) for metre, row in language.metres.items())
        yield from ((language.bent(row), Kind.MOOD, mood) for mood, row in language.moods.items())
        yield from ((language.bent(row), Kind.ENERGY, lift) for lift, row in language.energy.items())
        yield from ((language.bent(row), Kind.PACE, lean) for lean, row in language.pace.items())
        yield from ((phrases(row), Kind.ERA, float(year)) for year, row in language.eras.items())
        yield from ((language.bent(row), Kind.MODE, mode) for mode, row in language.modes.items())
        yield from ((phrases(row), Kind.PLACE, share) for share, row in language.places.items())
        yield from ((language.bent(row), Kind.PLAYING, way) for way, row in language.playing.items())
        yield from ((phrases(row), Kind.ONLY, place) for place, row in language.only.items())
        for kind, row in ((Kind.NEGATION, language.negations), (Kind.JOIN, language.joins), (Kind.LINK, language.links),
                          (Kind.QUIET, language.quiet)):  # fmt: skip
            yield phrases(row), kind, ""


def _table() -> Mapping[tuple[str, ...], Meaning]:
    table: dict[tuple[str, ...], Meaning] = {}
    for row, kind, value in _rows():
        for phrase in row:
            for spelling in spellings(phrase):
                if spelling and (spelling not in table or kind < table[spelling][0]):
                    table[spelling] = (kind, value)
    return table


TABLE: Final = _table()
LONGEST: Final = max(len(phrase) for phrase in TABLE)


def found(text: str, row: Sequence[Word]) -> list[Hit]:
    """All known phrases of a text in order, the longest at each place."""
    hits: list[Hit] = []
    place = 0
    while place < len(row):
        hit = _at(text, row, place)
        if hit:
            hits.append(hit)
        place = hit.last if hit else place + 1
    return hits


def _at(text: str, row: Sequence[Word], place: int) -> Hit | None:
    for end in range(min(len(row), place + LONGEST), place, -1):
        meaning = TABLE.get(tuple(word.plain for word in row[place:end]))
        if meaning:
            return Hit(*meaning, place, end, text[row[place].start : row[end - 1].end])
    return None
