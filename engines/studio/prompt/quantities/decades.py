"""Reads decades: "80s", "the 1930s", "anni 80". Number words such as "eighties" are phrases."""

from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.mentions import Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import TokenKind

DECADE_AFFIXES: Final = lookup("decade_affixes")
SUFFIX_LANGUAGES: Final = frozenset(language.code for language in LANGUAGES if "after" in language.decade_affixes)
"""Languages in which a decade has a suffix ("80s"); a word before it only confirms that it is a decade."""
FIRST_YEAR, LAST_YEAR = 1900, 2029
FIRST_RECORDED: Final = 1920
"""The first year that means the sound of its decade."""
ADVERTISEMENTS: Final = frozenset({"corporate", "advertisement"})
"""The style and the scene of short pieces, whose number of seconds is no decade ("30s jingle")."""
MIN_LIKELY_DECADE: Final = 50
"""From here on, "60s" is a decade unless a word marks it as a length; below, "30s" is a length."""


def read_decade(scanner: Scanner, index: int) -> Mention[int] | None:
    """Read "80s", "'80s", "1980s", "80er", "anni 80"."""
    word = scanner.longest(DECADE_AFFIXES, index)
    is_before = word is not None and any(label.value == "before" for label in word[1])
    start = word[0] if word and is_before else index
    start += scanner.at(start).key == "" and scanner.at(start).text == "'"
    token = scanner.at(start)
    year = _first_year(token.key) if token.kind is TokenKind.NUMBER else None
    if year is None:
        return _decade_of_year(scanner, index)
    end = start + 1
    end += scanner.at(end).text in {"'", "-"}
    is_suffix = scanner.at(end).is_glued or len(scanner.at(end).key) > 1
    suffix = scanner.longest(DECADE_AFFIXES, end) if is_suffix else None
    if suffix and any(label.value == "after" for label in suffix[1]):
        is_certain = is_before or start > index or len(token.key) > 2 or scanner.at(end).key != "s"
        if not is_certain and not _is_decade_here(scanner, token.key, suffix[0]):
            return None
        if _is_part_of_style(scanner, start, suffix[0]):
            return Mention(year, start, suffix[0], "")
        return scanner.take(
            year, start if is_before and word and word[1][0].language in SUFFIX_LANGUAGES else index, suffix[0]
        )
    if word and is_before and any(label.language not in SUFFIX_LANGUAGES for label in word[1]):
        return scanner.take(year, index, end)
    return None


def _decade_of_year(scanner: Scanner, index: int) -> Mention[int] | None:
    """Read the decade of a year: "like in 1963", "rock and roll 1956"."""
    token, following = scanner.at(index), scanner.at(index + 1)
    is_year = token.kind is TokenKind.NUMBER and token.key.isdecimal() and len(token.key) == 4
    is_part = following.is_readable and following.is_glued
    if not is_year or is_part or not FIRST_RECORDED <= int(token.key) <= LAST_YEAR:
        return None
    return scanner.take(int(token.key) // 10 * 10, index, index + 1)


def _is_part_of_style(scanner: Scanner, start: int, end: int) -> bool:
    """Return whether a decade belongs to the name of a style, such as "60s pop"."""
    found = PHRASE_TABLE.longest(scanner.tokens, start)
    return found is not None and found[0] > end and any(meaning.kind is PhraseKind.STYLE for meaning in found[1])


def _first_year(digits: str) -> int | None:
    """Return the first year of a decade; "20" is 1920, "10" is 2010."""
    if len(digits) == 2 and digits.endswith("0"):
        tens = int(digits[0])
        return 10 * tens + (2000 if tens < 2 else 1900)
    is_year = len(digits) == 4 and digits.isdigit() and digits.endswith("0") and FIRST_YEAR <= int(digits) <= LAST_YEAR
    return int(digits) if is_year else None


def _is_decade_here(scanner: Scanner, digits: str, end: int) -> bool:
    """Decide between a decade and a length: "30s jazz" and "60s" are decades, "30s jingle" and "60s long" lengths."""
    if scanner.is_label(end, "length") or scanner.at(end).key == "of":
        return False
    found = PHRASE_TABLE.longest(scanner.tokens, end)
    kinds = {(meaning.kind, meaning.value) for meaning in found[1]} if found else set()
    if int(digits) >= MIN_LIKELY_DECADE:
        return not any(value in ADVERTISEMENTS for _, value in kinds)
    return any(
        kind in {PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE} and value not in ADVERTISEMENTS
        for kind, value in kinds
    )
