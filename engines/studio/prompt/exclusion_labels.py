"""Finds the lists after labels such as "negative prompt:" and "no:", whose phrases are all excluded."""

from typing import Final

from engines.studio.prompt.mentions import SEPARATORS, Scanner
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE

LIST_ENDS: Final = frozenset("|;.!?\n\r")
"""The breaks that end the list after "negative prompt:"; commas do not."""


def excluded_ranges(scanner: Scanner) -> list[range]:
    """Return the ranges of tokens after labels such as "negative prompt:" and "no:", and take the labels."""
    ranges = []
    for index in range(len(scanner.tokens)):
        label = scanner.is_label(index, "exclude")
        if label is None:
            continue
        phrase = PHRASE_TABLE.longest(scanner.tokens, index)
        is_phrase = phrase is not None and any(meaning.kind is PhraseKind.NEGATION for meaning in phrase[1])
        is_long = label - index > 1 and not is_phrase
        if scanner.at(label).text not in SEPARATORS and not (is_long and _starts_clause(scanner, index)):
            continue
        start = label + (scanner.at(label).text in SEPARATORS)
        end = next((i for i in range(start, len(scanner.tokens)) if _ends_list(scanner, i)), len(scanner.tokens))
        scanner.taken.update(range(index, start))
        ranges.append(range(start, end))
    return ranges


def _starts_clause(scanner: Scanner, index: int) -> bool:
    return index == 0 or scanner.tokens[index - 1].is_break


def _ends_list(scanner: Scanner, index: int) -> bool:
    token = scanner.tokens[index]
    if token.text in LIST_ENDS:
        return True
    following = scanner.tokens[index + 1] if index + 1 < len(scanner.tokens) else None
    return bool(following and following.text in SEPARATORS and token.is_readable)
