"""Mentions of values, such as "BPM: 128" or "in A minor": ranges of tokens that a recognizer has read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Phrases
from engines.studio.prompt.phrases.phrase_lookup import PhraseLookup
from engines.studio.prompt.text.tokens import Text, Token, TokenKind

Value = TypeVar("Value")
Read_co = TypeVar("Read_co", covariant=True)
SEPARATORS: Final = frozenset(":=~@\u2248")
LIST_SIGNS: Final = frozenset(",/、")
RANGE_SIGNS: Final = frozenset("-\u2013\u2014~/")
LABEL_SIGNS: Final = SEPARATORS | RANGE_SIGNS | frozenset('"*_`')
MAX_SIGNS: Final = 5
"""Signs between a label and its value: "BPM: 90", "**BPM:** 90"."""
NONE: Final = Token("", "", "", 0, 0, TokenKind.BREAK, is_glued=False)
"""Stands for the token before the first and after the last."""


@dataclass(frozen=True, slots=True)
class Mention(Generic[Read_co]):
    """A value in a prompt: the range of its token indexes, and as written."""

    value: Read_co
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A word of a language's table: the property or value that it denotes, and the code of the language."""

    value: str
    language: str


def lookup(table: str, *, is_inflected: bool = False) -> PhraseLookup[Labelled]:
    """Return the phrases of a table of all languages, with all endings of nouns if it ``is_inflected``.

    The value of a plain list of phrases is empty.
    """
    rows: list[tuple[str, Labelled]] = []
    for language in LANGUAGES:
        content: Phrases | Mapping[object, Phrases] = getattr(language, table)
        tables = content.items() if isinstance(content, Mapping) else [("", content)]
        for value, phrases in tables:
            spellings = language.inflected_nouns(phrases) if is_inflected else phrases
            rows += [(phrase, Labelled(str(value), language.code)) for phrase in spellings]
    return PhraseLookup(rows)


LABELS: Final = lookup("labels")
RANGE_WORDS: Final = lookup("range_words")
STOP_WORDS: Final = lookup("stop_words")
NUMBERS: Final = lookup("numbers")
ORDINALS: Final = lookup("ordinals")
BOUNDS: Final = lookup("bounds")


class Scanner:
    """The tokens of a prompt, and which of them a mention has taken."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.tokens: Sequence[Token] = text.tokens
        self.taken: set[int] = set()

    def at(self, index: int) -> Token:
        """Return a token that has not been taken, or NONE."""
        return self.tokens[index] if 0 <= index < len(self.tokens) and index not in self.taken else NONE

    def take(self, value: Value, start: int, end: int) -> Mention[Value]:
        """Take a range of tokens."""
        self.taken.update(range(start, end))
        return Mention(value, start, end, self.text.slice(start, end))

    def longest(self, words: PhraseLookup[Labelled], start: int) -> tuple[int, tuple[Labelled, ...]] | None:
        """Return the end and the meanings of the longest phrase of a lookup at a token that has not been taken."""
        if not 0 <= start < len(self.tokens) or start in self.taken or not self.tokens[start].is_readable:
            return None
        found = words.longest(self.tokens, start)
        return None if found and not self.taken.isdisjoint(range(start, found[0])) else found

    def is_label(self, start: int, prop: str) -> int | None:
        """Return the end of a label of a property at a token, or None."""
        found = self.longest(LABELS, start)
        return found[0] if found and any(label.value == prop for label in found[1]) else None

    def after_separator(self, index: int, max_words: int = 2) -> int:
        """Return the index after a separator and at most ``max_words`` stop words: "BPM is about 90"."""
        for _ in range(MAX_SIGNS):
            index += self.at(index).text in LABEL_SIGNS
        for _ in range(max_words):
            found = self.longest(STOP_WORDS, index)
            if not found or self.at(index).number is not None:
                break
            index = found[0]
        return index + 1 if self.at(index).text in SEPARATORS else index

    def number_or_word(self, index: int) -> tuple[float, int] | None:
        """Return the number at a token, in digits or as a word, and the index after it."""
        number = self.at(index).number
        if number is not None:
            return number, index + 1
        word = self.longest(NUMBERS, index)
        return (float(word[1][0].value), word[0]) if word else None

    def number_range(self, index: int) -> tuple[tuple[float, ...], int] | None:
        """Return the one or two numbers at a token ("95-100", "180+"), and the index after them.

        A dash after a number that ends a word is no range: "Cmaj7 - 85 bpm".
        """
        first = self.at(index).number
        if first is None:
            return None
        ends_word = self.at(index).is_glued and self.at(index - 1).kind is TokenKind.WORD
        index += 1
        sign = self.at(index)
        is_range = sign.text in RANGE_SIGNS and not (sign.text == "/" and sign.is_break)
        is_range = is_range and (sign.is_glued or not ends_word)
        middle = index + 1 if is_range else None
        if middle is None and (word := self.longest(RANGE_WORDS, index)):
            middle = word[0]
        second = self.at(middle).number if middle is not None else None
        values, end = ((first,), index) if second is None or middle is None else ((first, second), middle + 1)
        return values, end + 1 if self.at(end).text == "+" else end

    def is_edge(self, index: int) -> bool:
        """Return whether a clause begins or ends at a token: a break, a mention, a number or no token."""
        token = self.at(index)
        return token is NONE or token.is_break or token.kind in {TokenKind.NUMBER, TokenKind.SYMBOL}

    def starts(self) -> Iterable[int]:
        """Yield the indexes of the tokens that have not been taken."""
        return (index for index in range(len(self.tokens)) if index not in self.taken)
