"""Fold and split searched texts in one place, so that any Postgres can index them, whatever its locale.

Case, accents, ligatures (ß, æ), width and invisible characters are folded. Apostrophes and hyphens join the parts of a
word, which is found by its parts and by the whole: "Lo-Fi" by "lo", "fi", "lofi" and "lo-fi". In scripts without spaces
each character is a word, so that a phrase finds any part of a text.
"""

import re
import unicodedata
from typing import Final

Word = tuple[str, ...]
"""The folded parts of a word. A word without apostrophes and hyphens has one."""

_MAX_PART_LENGTH: Final = 255
"""Longer parts are cut: a lexeme of Postgres has at most 2046 bytes."""

_JOINERS: Final = frozenset(
    "'\u2019\u2018\u201b\u02bc\u02b9\u2032`\u00b4\u02bb\u055a"  # apostrophes
    "-\u2010\u2011\u2012\u2013\u2212\u00b7\u2027"  # hyphens, and the middle dot of Catalan
)

_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u20d0-\u20f0\ufe00-\ufe0f]")
"""Marks of Latin, Greek, Cyrillic, Hebrew and Arabic. Marks of other scripts are vowels, which distinguish words."""

_LETTERS: Final = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "\u0131": "i",
        "ŋ": "n",
    }
)
"""Letters of the Latin script that Unicode does not decompose."""

_UNSPACED: Final = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff"
    "\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese, and Hangul, whose words take suffixes."""


_WORD: Final = re.compile("u|w+(?:jw+)*")
"""A word in kinds of characters (see ``_kind``)."""


def is_unspaced(part: str) -> bool:
    """Return whether the part is a character of a script without spaces, or a symbol such as an emoji."""
    return len(part) == 1 and _kind(part) == "u"


def fold(text: str) -> str:
    """Return the text without differences of case, accent, ligature and width."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)))


def split(text: str) -> list[Word]:
    """Return the folded words of a text, in order."""
    folded = "".join(character for character in fold(text) if unicodedata.category(character) != "Cf")
    kinds = "".join(map(_kind, folded))
    return [_parts(folded[match.start() : match.end()]) for match in _WORD.finditer(kinds)]


def _kind(character: str) -> str:
    """Return u for a character that is a word, w for a character of a word, j for a joiner, and a space for others."""
    category = unicodedata.category(character)
    if character in _JOINERS:
        return "j"
    if _UNSPACED.match(character) or category == "So":
        return "u"
    return "w" if category[0] in "LNM" else " "


def _parts(word: str) -> Word:
    spaced = "".join(" " if character in _JOINERS else character for character in word)
    return tuple(part[:_MAX_PART_LENGTH] for part in spaced.split(" "))
