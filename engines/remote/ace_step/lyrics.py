"""Lyrics as ACE-Step reads them, and the language in which it sings them."""

import re
import unicodedata
from collections import Counter
from typing import Final

INSTRUMENTAL: Final = "[Instrumental]"
"""The text without vocals on which the model was trained."""

UNKNOWN: Final = "unknown"

LANGUAGES: Final = (
    "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "ht", "hu",
    "id", "is", "it", "ja", "ko", "la", "lt", "ms", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sa", "sk", "sr",
    "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yue", "zh",
)  # fmt: skip
"""The languages of the model: ``VALID_LANGUAGES`` in ``acestep/constants.py``."""

# the first word of a letter's Unicode name, and the language that is most often written so
_SCRIPTS: Final = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar",
    "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "THAI": "th", "TAMIL": "ta", "TELUGU": "te",
    "GURMUKHI": "pa", "LATIN": "",
}  # fmt: skip
_UKRAINIAN: Final = frozenset("іїєґ")
_FUNCTION_WORDS: Final = {
    "de": "der die das und ich nicht ist du mit ein eine den dem wir auf für mich dich wie wenn",
    "en": "the and you i is of to in my it me that with on for your we are be this",
    "es": "el los las y que de no en un una es por con mi te se para como yo tu",
    "fr": "le les des et je ne pas que un une est dans pour sur tu nous mon avec qui ce",
    "it": "il gli che di non è un una per con mi ti sono della nel come io si ma lo",
    "nl": "de het een en ik niet je is van op dat wij met voor mijn zijn als maar te hij",
    "pl": "i nie się w na że to jest z do ty mnie jak ja mi co po tak już",
    "pt": "o os e que de não em um uma é por com meu você se para como eu te do",
    "sv": "och jag det är inte en ett du på som med för att den vi mig dig har av",
    "tr": "ve bir bu ben sen için ne gibi da de çok var ile beni seni her yok ama o mi",
}  # fmt: skip
_FREQUENT: Final = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_TAG: Final = re.compile(r"\[[^\]\n]*\]")
_WORD: Final = re.compile(r"[^\W\d_]+")


def lyrics_text(lyrics: str | None, *, is_instrumental: bool) -> str:
    """Return the lyrics for the model; music without lyrics is instrumental."""
    text = (lyrics or "").strip()
    return INSTRUMENTAL if is_instrumental or not text else text


def detect_language(lyrics: str) -> str:
    """Return the language of lyrics as an ISO 639-1 code, or ``UNKNOWN``, with which the model sings without a hint.

    The script decides, and for Latin letters the function words: at least two, and more than of any other language.
    """
    words = _WORD.findall(_TAG.sub(" ", lyrics).lower())
    scripts = Counter(script for word in words for letter in word if (script := _script(letter)))
    if not scripts:
        return UNKNOWN
    if scripts["HIRAGANA"] or scripts["KATAKANA"]:
        return "ja"
    script = scripts.most_common(1)[0][0]
    if script == "LATIN":
        return _latin_language(words)
    if script == "CYRILLIC" and not _UKRAINIAN.isdisjoint("".join(words)):
        return "uk"
    return _SCRIPTS[script]


def _script(letter: str) -> str | None:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in _SCRIPTS else None


def _latin_language(words: list[str]) -> str:
    counts = Counter({language: sum(word in frequent for word in words) for language, frequent in _FREQUENT.items()})
    (best, count), (_, second) = counts.most_common(2)
    return best if count >= 2 and count > second else UNKNOWN
