"""Reads dynamic marks of written music: "crescendo from pp to ff", "pp < ff"."""

from itertools import pairwise
from typing import Final

from engines.studio.prompt.mentions import RANGE_SIGNS, RANGE_WORDS, Mention, Scanner

MARKS: Final = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
"""Dynamic marks from the softest to the loudest; musicians of all languages use them."""
SIGNS: Final = RANGE_SIGNS | frozenset("<>→")
MAX_BETWEEN: Final = 4
"""The most tokens between two marks: "starts pp and swells to ff"."""
MEAN: Final = 3.5


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
        features = ["build" if high > low else "fall"]
        features += ["quiet_start" if low < MEAN else "loud_start", "loud_end" if high > MEAN else "quiet_end"]
        mention = Mention(tuple(features), first, second + 1, scanner.text.slice(first, second + 1))
        scanner.taken.update({first, second, *(index for index in between if not scanner.at(index).is_readable)})
        return mention
    return None


def _is_mark(scanner: Scanner, index: int) -> bool:
    return scanner.at(index).key in MARKS
