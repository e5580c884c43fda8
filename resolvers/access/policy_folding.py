"""Fold characters to lower-case Latin letters for the content policy, and find the words that are capitalized."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from confusable_homoglyphs.confusables import confusables_data

MAX_EXPANSION: Final = 2
"""Letters that one character may become; compatibility decompositions have up to 18."""

MIN_HEADLINE: Final = 4
"""Letters of the shortest word that is always capitalized in a headline."""

_LETTER_NAME: Final = re.compile(
    r"(?:NEGATIVE |REGIONAL )?(?:LATIN|CIRCLED|SQUARED|INDICATOR)\b.*\b([A-Z])(?: WITH .*)?"
)
"""Unicode names of letters such as "LATIN LETTER SMALL CAPITAL A" and "LATIN SMALL LETTER O WITH STROKE"."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?;\n])[^\w\n]*")
_GERMAN: Final = re.compile(
    r"\b(?:und|mit|eine?[nmr]?|von|im|der|das|fur|uber|wie|soll|auf|bitte|lass|stimme|gesang|zu[mr])\b|[äöüß]",
    re.IGNORECASE,
)
"""Words and letters that are frequent in German, where all nouns are capitalized."""

_GERMAN_FUNCTION: Final = re.compile(
    r"[mdsk]?eine?[nmrs]?|d(?:as|ie|er|en|em|es)|ich|du|wir|er|es|man|und|oder|auf|in|im|an|am|zu|zu[mr]|vo[nm]|mit|ohne"
    r"|fur|uber|unter|durch|nach|vor|aus|bei|wenn|weil|dass|ob|w(?:ie|o|as|er)|nur|noch|nicht|alles|immer|nie|so|sag|geh"
    r"|komm|lass|hab|hat|ist|sind|war|bin"
)
"""Normalized German words that are capitalized inside a sentence only where a title begins, as in "von Mein Block"."""

_APOSTROPHES: Final = frozenset("'\u2018\u2019\u02bc\u00b4`\uff07\u2032")
_QUOTES: Final = frozenset('"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u300c\u300d')
_IGNORED: Final = frozenset({"Mn", "Me", "Cf"})
"""Categories of combining marks and of format characters such as zero-width joiners and soft hyphens."""

QUOTE: Final = '"'


class _Folding(dict[int, str]):
    """Fold each character once: lower case, no accents, Latin letters for look-alikes of other scripts (UTS 39)."""

    def __missing__(self, code_point: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code_point))
        base = unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) not in _IGNORED))
        self[code_point] = "".join(map(_fold, base[:MAX_EXPANSION]))
        return self[code_point]


def _fold(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in _QUOTES:
        return f" {QUOTE} "
    if character.isascii():
        return character.lower()
    letter = _LATIN.get(character) or _LATIN.get(character.lower()) or character.casefold()
    if letter.isascii():
        return letter
    name = _LETTER_NAME.fullmatch(unicodedata.name(character, ""))
    return name[1].lower() if name else letter


def _latin_look_alikes() -> Mapping[str, str]:
    return {
        character: candidate["c"].lower()
        for character, candidates in confusables_data.items()
        if len(character) == 1 and not character.isascii()
        for candidate in candidates
        if candidate["c"].isascii() and candidate["c"].isalpha()
    }


_LATIN: Final = _latin_look_alikes()
FOLDING: Final = _Folding()


@dataclass(frozen=True, slots=True)
class Capitalized:
    """Capitalized words of a text. Those inside a sentence are names, unless it is a German noun or in a headline."""

    anywhere: frozenset[str]
    names: frozenset[str]


def find_capitalized(text: str) -> Capitalized:
    """Return the normalized words that are capitalized, and those that are so inside a sentence of lower case."""
    found = [match for match in _WORD.finditer(text) if len(match[0]) > 1]
    upper = [match for match in found if match[0][0].isupper() and not match[0][1:].isupper()]
    anywhere = frozenset(match[0].translate(FOLDING) for match in upper)
    if all(match[0][0].isupper() for match in found if len(match[0]) >= MIN_HEADLINE):
        return Capitalized(anywhere, frozenset())
    starts = {match.end() for match in _SENTENCE_START.finditer(text)}
    inside = frozenset(match[0].translate(FOLDING) for match in upper if match.start() not in starts)
    return Capitalized(
        anywhere, frozenset(filter(_GERMAN_FUNCTION.fullmatch, inside)) if _GERMAN.search(text) else inside
    )
