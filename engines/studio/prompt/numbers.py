"""Reads what a request says in figures and letters: tempo, key, metre, decade, and places in time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import phrases
from engines.studio.model.music_request import Length
from engines.studio.prompt.tokens import Text, folded

NOTES: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
SOLFEGE: Final = {"do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
MODE_WORDS: Final[Mapping[str, str]] = {
    folded(word): mode
    for language in LANGUAGES
    for mode, row in language.modes.items()
    for word in phrases(row)
} | {"aeolian": "minor", "ionian": "major"}  # fmt: skip
GERMAN: Final = frozenset({"dur", "moll"})
ROMANCE: Final = frozenset(
    folded(word)
    for language in LANGUAGES
    if language.code in {"fr", "it", "es"}
    for row in language.modes.values()
    for word in phrases(row)
)
SHARPS: Final = ("#", "♯", "sharp", "dièse", "diese", "diesis", "sostenido", "is")
FLATS: Final = ("♭", "flat", "bémol", "bemol", "bemolle", "es", "s", "b")

SLOWEST, FASTEST = 40.0, 220.0
NUMBER: Final = r"(?<![\d.,])(\d{2,3}(?:[.,]\d{1,2})?)"
BEATS: Final = (
    r"(?:bpm\b|beats per minute\b|beats\b(?=\s+a minute)|schl(?:ä|ae)ge\b(?:\s+pro minute\b)?|pulsations\b|"
    r"battements\b|battiti\b|pulsaciones\b|à la noire\b|par minute\b|per minute\b|por minuto\b)"
)
RANGE: Final = re.compile(rf"(?<![\d.,])(\d{{2,3}})\s*(?:-|\u2013|to|bis|à|a)\s*(\d{{2,3}})\s*{BEATS}")
TEMPO: Final = re.compile(rf"{NUMBER}\s*-?\s*{BEATS}")
TEMPO_NAMED: Final = re.compile(rf"(?:tempo\s*(?:of|von|de|di|:|=|à|a)?|[♩♪]\s*=)\s*{NUMBER}(?![\d.,]*\d)(?!\s*/)")
MODE: Final = "|".join(
    sorted({word for one in LANGUAGES for row in one.modes.values() for word in phrases(row)} | {"aeolian", "ionian"},
           key=lambda word: (-len(word), word))
)  # fmt: skip
KEY: Final = re.compile(
    r"(?<![\w#])(do|ut|ré|re|mi|fa|sol|la|si|[a-h])"
    r"(?:[\s-]?(#|♯|♭|b(?=[\s-])|sharp|flat|dièse|diese|bémol|bemolle|bemol|diesis|sostenido)|(is|es|s))?"
    rf"[\s-]+({MODE}|dorisch|dorico)\b(?![\s-]+key)"
)
CHORD: Final = re.compile(r"(?<![\w#])(?:in|en|key(?: of)?:?|tonart:?)\s+([a-g])(#|♯|♭|b)?m(?![\w#'])")
LETTER: Final = re.compile(r"(?<![\w#])(?:key of|key:|tonart:?)\s+([a-h])(#|♯|♭|b|is|es|s)?(?![\w#'])")
METRE: Final = re.compile(r"(?<![\d/])(\d{1,2})/(2|4|8|16)(?![\d/])")
DECADE: Final = re.compile(
    r"(?<![\w.])(?:(?:années|annees|anni|años|anos)\s+'?(19|20)?([0-9])0|'?(19|20)?([0-9])0\s?'?(?:s|er|ies))"
    r"(?![\w%])"
)
CLOCK: Final = re.compile(
    r"(?<![\w:])(?:at|after|around|bei|nach|um|à|après|a(?!\s+\d+[\s-]*sec)|al|dopo|después de|tras|by)\s+(?:the\s+)?"
    r"(?:(\d{1,2}):(\d\d)|(\d{1,3})\s*(?:s|sec\w*|sek\w*|seg\w*)(?![\w]))(?:\s+mark)?"
)
COUNTS: Final[Mapping[str, int]] = {
    folded(word): count
    for count, row in {
        1: "one a eine einer un une uno una", 2: "two zwei deux due dos", 3: "three drei trois tre tres",
        4: "four vier quatre quattro cuatro", 5: "five fünf cinq cinque cinco", 10: "ten zehn dix dieci diez",
    }.items()
    for word in row.split()
}  # fmt: skip
UNITS: Final = (("m", 60.0), ("s", 1.0), ("h", 3600.0), ("o", 3600.0))
LENGTH: Final = re.compile(
    rf"(?<![\w.,:/])(\d{{1,3}}(?:[.,]\d{{1,2}})?|{'|'.join(sorted(COUNTS))}|fünf)[\s-]*"
    r"(min(?:ut\w*|s)?|sec(?:ond\w*|s)?|sek(?:unden?)?|seg(?:undos?)?|s(?=[\s,.;]|$)|hours?|stunden?|heures?|ore|horas?)\b"
    r"(?:[\s-]+(?:long|lang)\b)?"
)
LONG: Final = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)[\s-]*(?:min\w*|long|lang)\b")


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo in BPM: as asked, and within what can be played."""

    asked: float
    written: str

    @property
    def playable(self) -> float:
        """The nearest tempo that can be played."""
        return min(FASTEST, max(SLOWEST, self.asked))


def tempo(text: Text) -> Tempo | None:
    """The first tempo; the middle of a range."""
    match = text.take(RANGE) or text.take(TEMPO) or text.take(TEMPO_NAMED)
    if not match:
        return None
    values = [float(group.replace(",", ".")) for group in match.groups()]
    return Tempo(sum(values) / len(values), match.group())


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A tonic (pitch class) and a mode, if one was named."""

    tonic: int
    mode: str | None
    written: str


def key(text: Text) -> NamedKey | None:
    """The first key: "a minor", "fis-Moll", "si bémol majeur", "in F#m", "key of D"."""
    if match := text.take(KEY, _is_key):
        note, sign, attached, mode = match.groups()
        mode = folded(mode)
        tonic = _tonic(note, sign or attached, is_german=mode in GERMAN)
        return NamedKey(tonic, MODE_WORDS.get(mode, "dorian"), match.group())
    if match := text.take(CHORD):
        return NamedKey(_tonic(match[1], match[2]), "minor", match.group())
    if match := text.take(LETTER):
        return NamedKey(_tonic(match[1], match[2]), None, match.group())
    return None


def _is_key(match: re.Match[str]) -> bool:
    """Not "a menor" nor "e minore": there the letter is a word."""
    return not (match[1] in {"a", "e"} and folded(match[4]) in ROMANCE and not (match[2] or match[3]))


def _tonic(note: str, sign: str | None, *, is_german: bool = False) -> int:
    plain = folded(note)
    if is_german and plain == "b":
        return 10
    step = 1 if sign in SHARPS else -1 if sign in FLATS else 0
    return (SOLFEGE.get(plain, NOTES.get(plain, 0)) + step) % 12


def metre(text: Text) -> tuple[str, str] | None:
    """The first metre ("3/4") and how it was written."""
    match = text.take(METRE, lambda one: 1 < int(one[1]) < 16)
    return (f"{int(match[1])}/{match[2]}", match.group()) if match else None


def decade(text: Text) -> tuple[int, str] | None:
    """The first year of the first decade, and how it was written."""
    match = text.take(DECADE)
    if not match:
        return None
    century, tens = match[1] or match[3], int(match[2] or match[4])
    start = 100 * int(century) if century else 2000 if tens < 2 else 1900
    return start + 10 * tens, match.group()


def length(text: Text) -> Length | None:
    """The first length: "90 seconds", "zwei Minuten", "2:30 long"."""
    match = text.take(LONG) or text.take(LENGTH)
    if not match:
        return None
    if match.re is LONG:
        return Length(60.0 * int(match[1]) + int(match[2]), match.group())
    count = COUNTS.get(folded(match[1]))
    amount = float(count) if count else float(match[1].replace(",", "."))
    unit = next(seconds for start, seconds in UNITS if folded(match[2]).startswith(start))
    return Length(amount * unit, match.group())


@dataclass(frozen=True, slots=True)
class Clocked:
    """A moment in seconds, and where in the text it stood."""

    seconds: float
    at: int
    written: str


def clocked(text: Text) -> list[Clocked]:
    """All places in time, in order: "at 0:30", "nach 20 Sekunden"."""
    moments = []
    while match := text.take(CLOCK):
        seconds = 60.0 * int(match[1]) + int(match[2]) if match[1] else float(match[3])
        moments.append(Clocked(seconds, match.start(), match.group()))
    return sorted(moments, key=lambda one: one.at)
