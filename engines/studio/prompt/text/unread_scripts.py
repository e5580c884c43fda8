"""Detects text in scripts that no language is written in. It is not read, and the report says so."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.text.tokens import Token

SHARED: Final = frozenset({"LATIN", "MODIFIER", "UNKNOWN", "COMBINING", "MICRO", "OHM", "DOUBLE-STRUCK", "ROMAN"})
NAMES: Final = {"CJK": "Chinese", "KATAKANA-HIRAGANA": "Japanese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese",
                "HANGUL": "Korean"}  # fmt: skip
"""Names of scripts for readers, where the Unicode name is not one."""


@cache
def script_of(letter: str) -> str:
    """Return the script of a letter by its Unicode name: "LATIN", "CYRILLIC", "CJK"."""
    return unicodedata.name(letter, "UNKNOWN").split()[0]


@cache
def supported_scripts() -> frozenset[str]:
    """Return the scripts of the words of all languages."""
    words = (word for language in LANGUAGES for words in language.moods.values() for word in words)
    return SHARED | {script_of(letter) for word in words for letter in word if letter.isalpha()}


def unread_scripts(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the names of the scripts in a text that no language is written in, in order."""
    letters: Iterable[str] = (letter for token in tokens for letter in token.text if letter.isalpha())
    scripts = dict.fromkeys(script_of(letter) for letter in letters)
    unread = (script for script in scripts if script not in supported_scripts())
    return tuple(dict.fromkeys(NAMES.get(script, script.capitalize()) for script in unread))


def describe(scripts: Sequence[str]) -> str:
    """Return the sentence of a report about text that was not read."""
    languages = ", ".join(sorted(language.name for language in LANGUAGES))
    plural = "s" if len(scripts) > 1 else ""
    return f"Text in the {' and '.join(scripts)} script{plural} was not read; the languages are {languages}."
