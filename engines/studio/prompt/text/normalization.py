"""Normalization of text in all scripts: one form of digits and punctuation, one spelling of the variants of a word."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

CACHED_WORDS: Final = 16_384
PUNCTUATION: Final = str.maketrans(
    {"。": ". ", "।": ". ", "॥": ". ", "،": ", ", "؛": "; ", "\N{ARABIC DECIMAL SEPARATOR}": ".", "〜": "~"}
    | {"【": "[", "】": "]", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'"}
)
CHINESE_DIGITS: Final = "零一二三四五六七八九"
CHINESE_UNITS: Final = {"十": 10, "百": 100}
CHINESE_NUMBER: Final = re.compile(
    "[一二三四五六七八九两]?百(?:[零一二三四五六七八九两]*十?[一二三四五六七八九]?)"
    "|[一二三四五六七八九]十[一二三四五六七八九]?"
)
"""Numerals from 20 on; "十" alone is also a part of words ("十分", very)."""
MARKS: Final = "".join(chr(code) for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
"""Marks that belong to the letter before them, such as the vowel signs of Hindi and Arabic."""
FIRST_UNSTRIPPED: Final = 0x0590
"""Letters from this code point on keep their marks: without them, "が" would be "か"."""
EXTENDED_LETTERS: Final = range(0x1E00, 0x2000)
"""Latin and Greek letters with marks that follow the code point above."""
PLAIN_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "ø": "o", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
"""Letters that Unicode does not decompose, as they are written without diacritics."""
ARABIC_LETTERS: Final = str.maketrans("أإآٱىیئؤةکگڤپچژ", "اااايييوهكغفبجز")
ARABIC_MARKS: Final = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670]")
ARABIC_ARTICLE: Final = re.compile(r"^ال(?=\w{3})")
DEVANAGARI_NASALS: Final = re.compile("[ङञणनम]\u094d(?=[क-म])|\u0901")
DEVANAGARI_NUKTA: Final = "\u093c"


def with_digits(text: str) -> str:
    """Return a text with Chinese numerals as digits, if they are written with tens or hundreds: "一百二十八" is 128."""
    return text if text.isascii() else CHINESE_NUMBER.sub(lambda match: str(_chinese_value(match.group())), text)


def _chinese_value(numeral: str) -> int:
    total = digit = 0
    for char in numeral:
        if char in CHINESE_UNITS:
            total, digit = total + max(1, digit) * CHINESE_UNITS[char], 0
        else:
            digit = CHINESE_DIGITS.index(char) if char in CHINESE_DIGITS else 2
    return total + digit


def unify_letters(text: str) -> str:
    """Return a text with one form of each digit, punctuation mark and compatibility character.

    Invisible format characters, such as direction marks, are removed.
    """
    return unicodedata.normalize("NFKC", text).translate(_UNIFIED)


class _UnifiedCharacters(dict[int, str]):
    """A table for str.translate that computes the replacement of a character when it first occurs."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = "" if unicodedata.category(char) == "Cf" else char
        if char.isdecimal():
            self[code] = str(unicodedata.decimal(char))
        return self[code]


class _PlainLetters(dict[int, str]):
    """The same for letters without their accents."""

    def __missing__(self, code: int) -> str:
        self[code] = _without_accents(chr(code)).casefold()
        return self[code]


_UNIFIED: Final = _UnifiedCharacters({code: str(mark) for code, mark in PUNCTUATION.items()})
_PLAIN: Final = _PlainLetters()


@lru_cache(CACHED_WORDS)
def normalize(word: str) -> str:
    """Fold case and spelling variants.

    Latin, Greek and Cyrillic letters lose their accents ("Flöte" becomes "flote"); Arabic words their vowel marks and
    article, with one form of alef, yaa and taa marbuta; Hindi words their dots below, with one form of nasals.
    """
    letters = unicodedata.normalize("NFKC", word).translate(_PLAIN).translate(PLAIN_LETTERS)
    if letters.isascii():
        return letters
    letters = ARABIC_MARKS.sub("", letters).translate(ARABIC_LETTERS)
    letters = unicodedata.normalize("NFD", letters) if DEVANAGARI_NUKTA in letters else letters
    letters = DEVANAGARI_NASALS.sub("\u0902", letters.replace(DEVANAGARI_NUKTA, ""))
    return ARABIC_ARTICLE.sub("", letters)


def _without_accents(char: str) -> str:
    if ord(char) >= FIRST_UNSTRIPPED and ord(char) not in EXTENDED_LETTERS:
        return char
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
