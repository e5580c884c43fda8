"""Reads changes of loudness: "crescendo from pp to ff", "pp < ff", "from a whisper to deafening"."""

from itertools import pairwise
from typing import Final

from engines.studio.model.form_request import Extent
from engines.studio.prompt.mentions import BOUNDS, RANGE_SIGNS, RANGE_WORDS, STOP_WORDS, Mention, Scanner
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE

MARKS: Final = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
"""Dynamic marks from the softest to the loudest; musicians of all languages use them."""
SIGNS: Final = RANGE_SIGNS | frozenset("<>→")
MAX_BETWEEN: Final = 4
"""The most tokens between two marks: "starts pp and swells to ff"."""
MAX_ARTICLES: Final = 3
"""The most articles and prepositions before a word for loudness: "from a whisper"."""
MEAN: Final = 3.5
LEVELS: Final = {"whisper": "pp", "quiet": "p", "loud": "f", "maximal": "ff"}
"""The marks of words for loudness, by their transformation."""
NAMES: Final = {
    "pianissimo": "pp", "piano": "p", "mezzopiano": "mp", "mezzoforte": "mf", "forte": "f", "fortissimo": "ff",
}  # fmt: skip
"""The names of dynamic marks; "piano" is one only in a range: "from piano to forte"."""


def read_dynamics(scanner: Scanner) -> Mention[tuple[str, ...]] | None:
    """Return the features of the form (keys of ``Language.forms``) that the first range of dynamic marks means."""
    marks = [index for index, token in enumerate(scanner.tokens) if _is_mark(scanner, index) and token.is_readable]
    for first, second in pairwise(marks):
        between = range(first + 1, second)
        is_range = any(scanner.tokens[index].text in SIGNS or scanner.longest(RANGE_WORDS, index) for index in between)
        if not is_range or len(between) > MAX_BETWEEN:
            continue
        low, high = MARKS.index(scanner.tokens[first].key), MARKS.index(scanner.tokens[second].key)
        if low == high:
            continue
        mention = Mention(_features(low, high), first, second + 1, scanner.text.slice(first, second + 1))
        scanner.taken.update({first, second, *(index for index in between if not scanner.at(index).is_readable)})
        return mention
    return _read_words(scanner)


def _read_words(scanner: Scanner) -> Mention[tuple[str, ...]] | None:
    """Return the features of "from quiet to loud", the first range of words for loudness after a word for "from"."""
    for start in scanner.starts():
        bound = scanner.longest(BOUNDS, start)
        if bound is None or all(word.value != Extent.FROM for word in bound[1]):
            continue
        first = _level(scanner, bound[0])
        middle = scanner.longest(RANGE_WORDS, first[1]) if first else None
        second = _level(scanner, middle[0]) if middle else None
        if first and second and first[0] != second[0]:
            return scanner.take(_features(first[0], second[0]), start, second[1])
    return None


def _level(scanner: Scanner, index: int) -> tuple[int, int] | None:
    """Return the index in MARKS of a word for loudness, perhaps after articles, and the index after it."""
    for _ in range(MAX_ARTICLES + 1):
        if scanner.at(index).key in NAMES:
            return MARKS.index(NAMES[scanner.at(index).key]), index + 1
        phrase = PHRASE_TABLE.longest(scanner.tokens, index) if scanner.at(index).is_readable else None
        values = [str(one.value) for one in phrase[1] if one.kind is PhraseKind.TRANSFORMATION] if phrase else []
        level = next((LEVELS[value] for value in values if value in LEVELS), None)
        if phrase and level:
            return MARKS.index(level), phrase[0]
        article = scanner.longest(STOP_WORDS, index)
        if article is None:
            return None
        index = article[0]
    return None


def _features(low: int, high: int) -> tuple[str, ...]:
    return (
        "build" if high > low else "fall",
        "quiet_start" if low < MEAN else "loud_start",
        "loud_end" if high > MEAN else "quiet_end",
    )


def _is_mark(scanner: Scanner, index: int) -> bool:
    return scanner.at(index).key in MARKS
