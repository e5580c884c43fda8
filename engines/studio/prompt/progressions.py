"""Reads chord progressions: "Am - F - C - G", "Dm7 G7 Cmaj7", "ii V I", "1-5-6-4 progression"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.prompt.mentions import Mention, Scanner
from engines.studio.prompt.text.tokens import TokenKind
from engines.studio.theory.chord_symbols import CHORD_SYMBOL, SIGNS, SymbolChord, find_key, parse_symbol
from engines.studio.theory.pitch import DEGREE_SEMITONES, MINOR_QUALITIES, MODES, QUALITIES, Key

MAX_CHORDS: Final = 16
MIN_CHORDS: Final = 3
MAX_CHORD_TOKENS: Final = 12
MAX_SEPARATORS: Final = 3
"""The most dashes, arrows and bars between two chords."""
ROMAN: Final = re.compile(
    r"^(?P<sign>[b#♭♯]?)(?P<degree>vii|iii|vi|iv|ii|i|v)(?P<more>(?:maj|m|sus|add|dim|o|°|ø|\+|\d)*)$", re.IGNORECASE
)
ROMAN_QUALITIES: Final = {
    "": "", "7": "7", "9": "9", "maj7": "maj7", "maj9": "maj9", "m7": "7", "6": "6", "sus4": "sus4", "sus2": "sus2",
    "add9": "add9", "°": "dim", "o": "dim", "dim": "dim", "°7": "dim7", "ø": "m7b5", "ø7": "m7b5", "+": "aug",
    "13": "13",
}  # fmt: skip
DEGREES: Final = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")
SEPARATORS: Final = frozenset("-\u2013\u2014,|>→/")
MINOR_SUFFIXES: Final = {quality: suffix for suffix, quality in MINOR_QUALITIES.items()} | {"dim7": "dim7"}
THEME_LETTERS: Final = frozenset("abc")


@dataclass(frozen=True, slots=True)
class Progression:
    """A chord progression: its numerals, one for each bar, and its key or mode as far as they follow from it."""

    numerals: tuple[str, ...]
    tonic: int | None
    mode: str | None

    @property
    def notation(self) -> str:
        """The notation of Style.progressions."""
        return " | ".join(self.numerals)


def read_progressions(scanner: Scanner, key: tuple[int, str] | None) -> list[Mention[Progression]]:
    """Return all progressions. ``key`` is the key that the prompt names, if any."""
    found: list[Mention[Progression]] = []
    index = 0
    while index < len(scanner.tokens):
        label = scanner.is_label(index, "progression")
        start = scanner.after_separator(label, 0) if label else index
        run = list(_items(scanner, start))
        read = run and (_symbols(scanner, run, key, is_labelled=label is not None) or _romans(scanner, run, key, label))
        if read:
            progression, end = read
            end = scanner.is_label(end, "progression") or end
            found.append(scanner.take(progression, index, end))
            index = end
        else:
            index = max(index + 1, run[-1][2] if len(run) > MIN_CHORDS else 0)
    return found


def _items(scanner: Scanner, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield the glued runs of tokens from here on, as written, while they can be chords."""
    index = start
    for _ in range(MAX_CHORDS):
        end = index
        if not scanner.at(index).is_readable and scanner.at(index).text not in SIGNS:
            return
        while (
            end - index < MAX_CHORD_TOKENS
            and (token := scanner.at(end)).text
            and token.text not in SEPARATORS - {"/"}
            and not token.is_break
        ):
            if end > index and not token.is_glued:
                break
            end += 1
        if end == index:
            return
        text = scanner.text.raw[scanner.tokens[index].start : scanner.tokens[end - 1].end]
        if not CHORD_SYMBOL.match(text) and not ROMAN.match(text) and not re.fullmatch("[1-7]", text):
            return
        yield text, index, end
        index = end
        for _ in range(MAX_SEPARATORS):
            index += scanner.at(index).text in SEPARATORS


def _is_separated(scanner: Scanner, run: Sequence[tuple[str, int, int]]) -> bool:
    """Return whether dashes, arrows or bars separate all items."""
    return all(scanner.at(run[number][2]).text in SEPARATORS - {"/"} for number in range(len(run) - 1))


def _symbols(
    scanner: Scanner, run: Sequence[tuple[str, int, int]], key: tuple[int, str] | None, *, is_labelled: bool
) -> tuple[Progression, int] | None:
    symbols = []
    for text, _, _ in run:
        match = CHORD_SYMBOL.match(text)
        if not match:
            break
        symbols.append((text, match))
    run = run[: len(symbols)]
    if not run:
        return None
    end = run[-1][2]
    is_labelled = is_labelled or scanner.is_label(end, "progression") is not None
    texts = [text.lower() for text, _ in symbols]
    if not is_labelled and not _is_progression(scanner, run, texts):
        return None
    if len(run) < (2 if is_labelled else MIN_CHORDS) and not all(re.search(r"\d", text) for text in texts):
        return None
    if len(run) == 1:
        return None
    chords = [parse_symbol(match) for _, match in symbols]
    tonic, mode = key or find_key(chords)
    return Progression(tuple(_numeral(chord, tonic) for chord in chords), tonic, mode), end


def _is_progression(scanner: Scanner, run: Sequence[tuple[str, int, int]], texts: Sequence[str]) -> bool:
    """Return whether chord symbols without a label are chords, and not words or the themes of a form ("A B A")."""
    if all(set(text) <= THEME_LETTERS and len(text) == 1 for text in texts):
        return False
    if _is_separated(scanner, run):
        return True
    if scanner.at(run[0][1] - 1).key == "i":
        return False
    qualities = sum(len(text) > 1 for text in texts)
    has_digits = sum(bool(re.search(r"\d|maj|#", text)) for text in texts)
    return has_digits >= 2 or (len(texts) >= MIN_CHORDS and qualities >= 1 and texts[0] != "a")


def _numeral(chord: SymbolChord, tonic: int) -> str:
    """Return the Roman numeral of a chord in the notation of the styles."""
    degree = DEGREES[(chord.root - tonic) % 12]
    if chord.quality in MINOR_SUFFIXES:
        numeral = degree.lower() + MINOR_SUFFIXES[chord.quality]
    else:
        numeral = degree + chord.quality
    tones = [(chord.root + step) % 12 for step in QUALITIES[chord.quality]]
    inversion = {1: "^3", 2: "^5"}.get(tones.index(chord.bass), "") if chord.bass in tones else ""
    return numeral + inversion


def _romans(
    scanner: Scanner, run: Sequence[tuple[str, int, int]], key: tuple[int, str] | None, label: int | None
) -> tuple[Progression, int] | None:
    items = []
    for text, _, _ in run:
        if not ROMAN.match(text) and not re.fullmatch("[1-7]", text):
            break
        items.append(text)
    run = run[: len(items)]
    if len(items) < (2 if label else MIN_CHORDS):
        return None
    end = run[-1][2]
    is_labelled = label is not None or scanner.is_label(end, "progression") is not None
    is_numbers = all(scanner.at(start).kind is TokenKind.NUMBER for _, start, _ in run)
    if is_numbers != any(scanner.at(start).kind is TokenKind.NUMBER for _, start, _ in run):
        return None
    is_clear = not is_numbers and (_is_separated(scanner, run) or any(len(text) > 1 for text in items[:2]))
    if not is_labelled and not is_clear:
        return None
    mode = key[1] if key else None
    if is_numbers:
        degrees = list(DEGREE_SEMITONES)
        items = [degrees[int(text) - 1] for text in items]
    family, numerals = _spell(items, mode)
    return Progression(numerals, None, family), end


def _spell(items: Sequence[str], mode: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the family of the key and the numerals; written in one case, they have the chords of the scale."""
    parsed = [match for match in map(ROMAN.match, items) if match]
    bodies = [match["degree"] for match in parsed]
    is_mixed = any(body.islower() for body in bodies) and any(body.isupper() for body in bodies)
    tonics = [body for body in bodies if body.lower() == "i"]
    is_minor = Key(0, mode).is_minor if mode else is_mixed and bool(tonics) and tonics[0].islower()
    key = Key(0, "minor" if is_minor else "major")
    numerals = []
    for match in parsed:
        degree = match["degree"].lower()
        sign = match["sign"].lower().replace("♭", "b").replace("♯", "#")
        number = list(DEGREE_SEMITONES).index(degree)
        is_upper = match["degree"].isupper() if is_mixed else not _is_minor_triad(key, number)
        if not sign and is_minor and degree in {"iii", "vi", "vii"} and (is_upper or not is_mixed):
            sign = "b"
        more = ROMAN_QUALITIES.get(match["more"].lower(), "")
        name = sign + (degree.upper() if is_upper else degree)
        if more == "dim" or (not more and not is_mixed and _is_diminished(key, number)):
            name = sign + degree + "o"
        elif more == "m7b5":
            name = sign + degree + "7b5"
        else:
            name += more
        numerals.append(name)
    return key.family, tuple(numerals)


def _triad(key: Key, number: int) -> tuple[int, int]:
    scale = MODES[key.mode]
    root, third, fifth = (scale[(number + step) % 7] + 12 * ((number + step) // 7) for step in (0, 2, 4))
    return third - root, fifth - root


def _is_minor_triad(key: Key, number: int) -> bool:
    return _triad(key, number)[0] == 3


def _is_diminished(key: Key, number: int) -> bool:
    return _triad(key, number) == (3, 6)
