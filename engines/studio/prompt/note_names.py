"""Reads the names of notes: "C#", "fis", "si bémol", "嬰ハ"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.prompt.mentions import Scanner, lookup
from engines.studio.prompt.text.tokens import TokenKind

LETTERS: Final[Mapping[str, int]] = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
SHARP_SIGNS, FLAT_SIGNS = frozenset("#♯"), frozenset("♭")
OFFSETS: Final = {"sharp": 1, "flat": -1}
SHARP, FLAT = "sharp", "flat"
NOTES: Final = lookup("notes")
ACCIDENTALS: Final = lookup("accidentals")
PREFIX_ACCIDENTALS: Final = lookup("prefix_accidentals")


@dataclass(frozen=True, slots=True)
class NoteName:
    """The name of a note: its pitch class (0 is C), the index after it, and the languages that know it.

    ``accidental`` is "sharp" or "flat" if the name has one. A letter alone belongs to no language.
    """

    pitch_class: int
    end: int
    languages: frozenset[str]
    is_letter: bool
    accidental: str | None = None


def read_note(scanner: Scanner, index: int, languages: frozenset[str] = frozenset()) -> NoteName | None:
    """Read the name of a note with its accidental. ``languages`` are those of its label or mode."""
    before = scanner.longest(PREFIX_ACCIDENTALS, index)
    if not before:
        return _note_without_prefix(scanner, index, languages)
    note = _note_without_prefix(scanner, before[0], languages)
    accidental = before[1][0].value
    return note and replace(note, pitch_class=(note.pitch_class + OFFSETS[accidental]) % 12, accidental=accidental)


def _note_without_prefix(scanner: Scanner, index: int, languages: frozenset[str]) -> NoteName | None:
    names = scanner.longest(NOTES, index)
    token = scanner.at(index)
    letter = LETTERS.get(token.key) if token.kind is TokenKind.WORD else None
    own = [name for name in names[1] if name.language in languages] if names else []
    if own and names:
        found = _named(own[0].value, names[0], frozenset({own[0].language}), is_letter=letter is not None)
    elif letter is not None:
        found = NoteName(letter, index + 1, frozenset(), is_letter=True)
    elif names:
        found = _named(names[1][0].value, names[0], frozenset(name.language for name in names[1]), is_letter=False)
    elif len(token.key) == 2 and token.key[1] == "b" and token.key[0] in LETTERS:
        return NoteName((LETTERS[token.key[0]] - 1) % 12, index + 1, frozenset(), is_letter=True, accidental=FLAT)
    else:
        return None
    return _with_accidental(scanner, found)


def _with_accidental(scanner: Scanner, note: NoteName) -> NoteName:
    sign = scanner.at(note.end)
    if sign.text in SHARP_SIGNS | FLAT_SIGNS:
        offset, end = 1 if sign.text in SHARP_SIGNS else -1, note.end + 1
    else:
        start = note.end + (sign.text == "-")
        word = scanner.longest(ACCIDENTALS, start)
        flat = scanner.at(start)
        if word:
            offset, end = OFFSETS[word[1][0].value], word[0]
        elif flat.text == "b" and (sign.text == "-" or not flat.is_glued):
            return note
        else:
            return note
    accidental = SHARP if offset > 0 else FLAT
    return replace(note, pitch_class=(note.pitch_class + offset) % 12, end=end, accidental=accidental)


def _named(name: str, end: int, languages: frozenset[str], *, is_letter: bool) -> NoteName:
    """Return the note of a language's table: "F", "F#", "Eb"."""
    accidental = {"#": SHARP, "b": FLAT}.get(name[1:])
    pitch_class = (LETTERS[name[0].lower()] + OFFSETS.get(accidental or "", 0)) % 12
    return NoteName(pitch_class, end, languages, is_letter, accidental)
