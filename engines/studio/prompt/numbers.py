"""Parses numeric values and names in a prompt: tempo, key, metre, decade, length and clock times."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.model.music_request import Length
from engines.studio.prompt.scripts import normalize
from engines.studio.prompt.tokens import RequestText

NOTE_PITCH_CLASSES: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
SOLFEGE_PITCH_CLASSES: Final = {"do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
MODE_WORDS: Final[Mapping[str, str]] = {
    normalize(word): mode
    for language in LANGUAGES
    for mode, words in language.modes.items()
    for word in words
} | {"aeolian": "minor", "ionian": "major"}  # fmt: skip
GERMAN_MODES: Final = frozenset({"dur", "moll"})
ROMANCE_MODES: Final = frozenset(
    normalize(word)
    for language in LANGUAGES
    if language.code in {"fr", "it", "es"}
    for words in language.modes.values()
    for word in words
)
SHARPS: Final = ("#", "♯", "sharp", "dièse", "diese", "diesis", "sostenido", "is")
FLATS: Final = ("♭", "flat", "bémol", "bemol", "bemolle", "es", "s", "b")

MIN_BPM, MAX_BPM = 40.0, 220.0
TEMPO_NUMBER: Final = r"(?<![\d.,])(\d{2,3}(?:[.,]\d{1,2})?)"
BPM_UNIT: Final = (
    r"(?:bpm\b|beats per minute\b|beats\b(?=\s+a minute)|schl(?:ä|ae)ge\b(?:\s+pro minute\b)?|pulsations\b|"
    r"battements\b|battiti\b|pulsaciones\b|à la noire\b|par minute\b|per minute\b|por minuto\b)"
)
TEMPO_RANGE_PATTERN: Final = re.compile(rf"(?<![\d.,])(\d{{2,3}})\s*(?:-|\u2013|to|bis|à|a)\s*(\d{{2,3}})\s*{BPM_UNIT}")
TEMPO_PATTERN: Final = re.compile(rf"{TEMPO_NUMBER}\s*-?\s*{BPM_UNIT}")
NAMED_TEMPO_PATTERN: Final = re.compile(
    rf"(?:tempo\s*(?:of|von|de|di|:|=|à|a)?|[♩♪]\s*=)\s*{TEMPO_NUMBER}(?![\d.,]*\d)(?!\s*/)"
)
MODE_NAMES: Final = "|".join(
    sorted(
        {word for language in LANGUAGES for words in language.modes.values() for word in words} | {"aeolian", "ionian"},
        key=lambda word: (-len(word), word),
    )
)
KEY_PATTERN: Final = re.compile(
    r"(?<![\w#])(do|ut|ré|re|mi|fa|sol|la|si|[a-h])"
    r"(?:[\s-]?(#|♯|♭|b(?=[\s-])|sharp|flat|dièse|diese|bémol|bemolle|bemol|diesis|sostenido)|(is|es|s))?"
    rf"[\s-]+({MODE_NAMES}|dorisch|dorico)\b(?![\s-]+key)"
)
MINOR_CHORD_PATTERN: Final = re.compile(r"(?<![\w#])(?:in|en|key(?: of)?:?|tonart:?)\s+([a-g])(#|♯|♭|b)?m(?![\w#'])")
TONIC_PATTERN: Final = re.compile(r"(?<![\w#])(?:key of|key:|tonart:?)\s+([a-h])(#|♯|♭|b|is|es|s)?(?![\w#'])")
METRE_PATTERN: Final = re.compile(r"(?<![\d/])(\d{1,2})/(2|4|8|16)(?![\d/])")
DECADE_PATTERN: Final = re.compile(
    r"(?<![\w.])(?:(?:années|annees|anni|años|anos)\s+'?(19|20)?([0-9])0|'?(19|20)?([0-9])0\s?'?(?:s|er|ies))"
    r"(?![\w%])"
)
CLOCK_PATTERN: Final = re.compile(
    r"(?<![\w:])(?:at|after|around|bei|nach|um|à|après|a(?!\s+\d+[\s-]*sec)|al|dopo|después de|tras|by)\s+(?:the\s+)?"
    r"(?:(\d{1,2}):(\d\d)|(\d{1,3})\s*(?:s|sec\w*|sek\w*|seg\w*)(?![\w]))(?:\s+mark)?"
)
NUMBER_WORDS: Final[Mapping[str, int]] = {
    normalize(word): count
    for count, row in {
        1: "one a eine einer un une uno una", 2: "two zwei deux due dos", 3: "three drei trois tre tres",
        4: "four vier quatre quattro cuatro", 5: "five fünf cinq cinque cinco", 10: "ten zehn dix dieci diez",
    }.items()
    for word in row.split()
}  # fmt: skip
SECONDS_BY_UNIT_PREFIX: Final = (("m", 60.0), ("s", 1.0), ("h", 3600.0), ("o", 3600.0))
LENGTH_PATTERN: Final = re.compile(
    rf"(?<![\w.,:/])(\d{{1,3}}(?:[.,]\d{{1,2}})?|{'|'.join(sorted(NUMBER_WORDS))}|fünf)[\s-]*"
    r"(min(?:ut\w*|s)?|sec(?:ond\w*|s)?|sek(?:unden?)?|seg(?:undos?)?|s(?=[\s,.;]|$)|hours?|stunden?|heures?|ore|horas?)\b"
    r"(?:[\s-]+(?:long|lang)\b)?"
)
MINUTES_PATTERN: Final = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)[\s-]*(?:min\w*|long|lang)\b")


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo in BPM as requested, which may be unplayable."""

    requested: float
    text: str

    @property
    def playable(self) -> float:
        """The nearest tempo that the engine plays, in BPM."""
        return min(MAX_BPM, max(MIN_BPM, self.requested))


def parse_tempo(text: RequestText) -> Tempo | None:
    """Return the first tempo; of a range ("120-124 bpm"), its middle."""
    match = (
        text.take_match(TEMPO_RANGE_PATTERN) or text.take_match(TEMPO_PATTERN) or text.take_match(NAMED_TEMPO_PATTERN)
    )
    if not match:
        return None
    values = [float(group.replace(",", ".")) for group in match.groups()]
    return Tempo(sum(values) / len(values), match.group())


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key: the pitch class of its tonic (0 is C), and its mode if it was named."""

    tonic: int
    mode: str | None
    text: str


def parse_key(text: RequestText) -> NamedKey | None:
    """Return the first key: "a minor", "fis-Moll", "si bémol majeur", "in F#m", "key of D"."""
    if match := text.take_match(KEY_PATTERN, _is_key):
        note, accidental, suffix, mode = match.groups()
        mode = normalize(mode)
        tonic = _pitch_class(note, accidental or suffix, is_german=mode in GERMAN_MODES)
        return NamedKey(tonic, MODE_WORDS.get(mode, "dorian"), match.group())
    if match := text.take_match(MINOR_CHORD_PATTERN):
        return NamedKey(_pitch_class(match[1], match[2]), "minor", match.group())
    if match := text.take_match(TONIC_PATTERN):
        return NamedKey(_pitch_class(match[1], match[2]), None, match.group())
    return None


def _is_key(match: re.Match[str]) -> bool:
    """Reject "a menor" and "e minore", where the letter is a preposition or conjunction."""
    return not (match[1] in {"a", "e"} and normalize(match[4]) in ROMANCE_MODES and not (match[2] or match[3]))


def _pitch_class(note: str, accidental: str | None, *, is_german: bool = False) -> int:
    name = normalize(note)
    if is_german and name == "b":
        return 10
    offset = 1 if accidental in SHARPS else -1 if accidental in FLATS else 0
    return (SOLFEGE_PITCH_CLASSES.get(name, NOTE_PITCH_CLASSES.get(name, 0)) + offset) % 12


def parse_metre(text: RequestText) -> tuple[str, str] | None:
    """Return the first metre ("3/4") and its text in the prompt."""
    match = text.take_match(METRE_PATTERN, lambda match: 1 < int(match[1]) < 16)
    return (f"{int(match[1])}/{match[2]}", match.group()) if match else None


def parse_decade(text: RequestText) -> tuple[int, str] | None:
    """Return the first year of the first decade and its text in the prompt; "20s" is 1920, "10s" is 2010."""
    match = text.take_match(DECADE_PATTERN)
    if not match:
        return None
    century, tens = match[1] or match[3], int(match[2] or match[4])
    start = 100 * int(century) if century else 2000 if tens < 2 else 1900
    return start + 10 * tens, match.group()


def parse_length(text: RequestText) -> Length | None:
    """Return the first length: "90 seconds", "zwei Minuten", "2:30 long"."""
    match = text.take_match(MINUTES_PATTERN)
    if match:
        return Length(60.0 * int(match[1]) + int(match[2]), match.group())
    match = text.take_match(LENGTH_PATTERN)
    if not match:
        return None
    number = NUMBER_WORDS.get(normalize(match[1]))
    amount = float(number) if number else float(match[1].replace(",", "."))
    unit = next(seconds for prefix, seconds in SECONDS_BY_UNIT_PREFIX if normalize(match[2]).startswith(prefix))
    return Length(amount * unit, match.group())


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time in seconds from the start of the track, and its character position in the prompt."""

    seconds: float
    position: int
    text: str


def parse_clock_times(text: RequestText) -> list[ClockTime]:
    """Return all times in order: "at 0:30", "nach 20 Sekunden"."""
    times = []
    while match := text.take_match(CLOCK_PATTERN):
        seconds = 60.0 * int(match[1]) + int(match[2]) if match[1] else float(match[3])
        times.append(ClockTime(seconds, match.start(), match.group()))
    return sorted(times, key=lambda time: time.position)
