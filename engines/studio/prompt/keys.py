"""Reads keys: "A minor", "fis-Moll", "si bémol majeur", "Key: C# minor", "Gm", "in D"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.mentions import LABELS, STOP_WORDS, Labelled, Mention, Scanner
from engines.studio.prompt.note_names import FLAT, FLAT_SIGNS, LETTERS, OFFSETS, SHARP, SHARP_SIGNS, read_note
from engines.studio.prompt.phrases.phrase_lookup import PhraseLookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.text.tokens import TokenKind, normalize

MINOR_SIGNS: Final = frozenset({"m", "min"})
MODES: Final[PhraseLookup[Labelled]] = PhraseLookup(
    (phrase, Labelled(mode, language.code))
    for language in LANGUAGES
    for modes in (language.modes, language.tonic_modes)
    for mode, phrases in modes.items()
    for phrase in language.inflected_phrases(phrases)
)
SOLFEGE_LANGUAGES: Final = frozenset(
    language.code for language in LANGUAGES if any(normalize(name) == "la" for name in language.notes.get("A", ()))
)
"""Languages in which "a" and "e" are no notes: "a menor", "e minore"."""
MUSICAL_KINDS: Final = frozenset(
    {
        PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE, PhraseKind.INSTRUMENT, PhraseKind.METRE,
        PhraseKind.STOP_WORD, PhraseKind.CONJUNCTION, PhraseKind.NEGATION, PhraseKind.FILLER,
    }
)  # fmt: skip
"""What may follow "A minor"; before another word it is an article ("a minor inconvenience")."""
PRONOUNS: Final = frozenset({"i", "that", "who", "what", "where", "this"})
"""Words before the verb "am" or the article "a"."""
AMBIGUOUS_MINOR: Final = frozenset({"am", "fm", "cm", "em"})
"""Keys that are also words or units: they need an edge of the clause on both sides."""
IN: Final = frozenset({"in", "en"})


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key: the pitch class of its tonic (0 is C), its mode and its accidental if they were named."""

    tonic: int
    mode: str | None
    accidental: str | None = None


def read_keys(scanner: Scanner) -> tuple[list[Mention[NamedKey]], list[Mention[None]]]:
    """Return all keys in order, and phrases that only look like one ("a minor inconvenience", "drop D")."""
    keys: list[Mention[NamedKey]] = []
    others: list[Mention[None]] = []
    for index in range(len(scanner.tokens)):
        if not scanner.at(index).is_readable:
            continue
        if tuning := _drop_tuning(scanner, index):
            others.append(tuning)
            continue
        key = _after_label(scanner, index) or _with_mode(scanner, index) or _minor_chord(scanner, index)
        key = key or _after_preposition(scanner, index)
        if key:
            keys.append(key)
        elif article := _article(scanner, index):
            others.append(article)
    return keys, others


def _mode(scanner: Scanner, index: int) -> tuple[str, frozenset[str], int] | None:
    start = index + (scanner.at(index).text in {"-", "/"})
    found = scanner.longest(MODES, start)
    if not found:
        return None
    return found[1][0].value, frozenset(mode.language for mode in found[1]), found[0]


def _with_mode(scanner: Scanner, index: int) -> Mention[NamedKey] | None:
    """Read a note and a mode: "F sharp minor", "as-Moll", "Gmin"."""
    note = read_note(scanner, index)
    mode = _mode(scanner, note.end) if note else None
    if not note or not mode:
        return _joined(scanner, index) or _mode_first(scanner, index)
    name, languages, end = mode
    note = read_note(scanner, index, languages) or note
    is_letter = note.is_letter and not note.accidental
    if is_letter and scanner.at(index).key in {"a", "e", "o"} and languages <= SOLFEGE_LANGUAGES:
        return None
    if not note.is_letter and not note.languages & languages:
        return None
    if is_letter and scanner.at(index).key == "a" and not _is_key_here(scanner, index, end):
        return None
    return scanner.take(NamedKey(note.pitch_class, name, note.accidental), index, _with_key_word(scanner, end))


def _mode_first(scanner: Scanner, index: int) -> Mention[NamedKey] | None:
    """Read "dorian in D", "modo dórico em ré"."""
    mode = scanner.longest(MODES, index)
    preposition = scanner.longest(STOP_WORDS, mode[0]) if mode else None
    if not mode or not preposition:
        return None
    note = read_note(scanner, preposition[0], frozenset(label.language for label in mode[1]))
    if not note or not scanner.is_edge(note.end) or scanner.at(preposition[0]).key == "a":
        return None
    return scanner.take(NamedKey(note.pitch_class, mode[1][0].value, note.accidental), index, note.end)


def _joined(scanner: Scanner, index: int) -> Mention[NamedKey] | None:
    """Read a note and a mode in one word: "Amin", "Cmaj", "dmoll"."""
    token = scanner.at(index)
    letter = LETTERS.get(token.key[:1])
    if token.kind is not TokenKind.WORD or letter is None or len(token.key) < 4:
        return None
    mode = JOINED_MODES.get(token.key[1:])
    if mode is None or PHRASE_TABLE.longest(scanner.tokens, index):
        return None
    return scanner.take(NamedKey(letter, mode), index, _with_key_word(scanner, index + 1))


JOINED_MODES: Final[Mapping[str, str]] = {
    normalize(phrase): mode
    for language in LANGUAGES
    for mode, phrases in language.modes.items()
    for phrase in phrases
    if mode in {"major", "minor"} and phrase.isalpha()
}


def _is_key_here(scanner: Scanner, start: int, end: int) -> bool:
    """Return whether "a minor" is a key: not after a word that makes it an article, nor before an unknown noun."""
    if scanner.at(start - 1).key in PRONOUNS:
        return False
    if scanner.longest(LABELS, end) and scanner.at(start - 1).key in IN:
        return False
    if scanner.is_edge(end) or scanner.is_label(end, "key"):
        return True
    found = PHRASE_TABLE.longest(scanner.tokens, end)
    return found is not None and any(meaning.kind in MUSICAL_KINDS for meaning in found[1])


def _article(scanner: Scanner, index: int) -> Mention[None] | None:
    """Take "a minor" before an unknown noun, which is neither a key nor a mode."""
    if scanner.at(index).key != "a":
        return None
    mode = scanner.longest(MODES, index + 1)
    if not mode or scanner.is_edge(mode[0]) or scanner.longest(LABELS, mode[0]):
        return None
    return scanner.take(None, index + 1, mode[0])


def _after_label(scanner: Scanner, index: int) -> Mention[NamedKey] | None:
    """Read "Key: C#", "key of D", "Tonart: h"."""
    found = scanner.longest(LABELS, index)
    labels = [label for label in found[1] if label.value == "key"] if found else []
    if not found or not labels:
        return None
    start = scanner.after_separator(found[0])
    for position in dict.fromkeys((scanner.after_separator(found[0], 0), start - 1, start)):
        key = _with_mode(scanner, position) or _minor_chord(scanner, position, is_labelled=True)
        if key:
            return scanner.take(key.value, index, key.end)
        note = read_note(scanner, position, frozenset(label.language for label in labels))
        if position > found[0] - 1 and note and _ends_key(scanner, note.end):
            return scanner.take(NamedKey(note.pitch_class, None, note.accidental), index, note.end)
    return None


def _ends_key(scanner: Scanner, index: int) -> bool:
    """Return whether the name of a note ends here: no unknown noun follows ("key of a song")."""
    if scanner.is_edge(index):
        return True
    found = PHRASE_TABLE.longest(scanner.tokens, index)
    return found is not None and any(meaning.kind in MUSICAL_KINDS for meaning in found[1])


def _minor_chord(scanner: Scanner, index: int, *, is_labelled: bool = False) -> Mention[NamedKey] | None:
    """Read the symbol of a minor chord as a key, unless it is a word: "Gm", "F#m", not "I am" or "FM radio"."""
    token = scanner.at(index)
    if token.kind is not TokenKind.WORD or (token.is_glued and scanner.at(index - 1).is_readable):
        return None
    name, end = token.key, index + 1
    if name in LETTERS and scanner.at(end).text in SHARP_SIGNS | FLAT_SIGNS and scanner.at(end).is_glued:
        sign, minor = scanner.at(end).text, scanner.at(end + 1)
        if minor.key not in MINOR_SIGNS or not minor.is_glued:
            return None
        accidental: str | None = SHARP if sign in SHARP_SIGNS else FLAT
        tonic, end = LETTERS[name] + OFFSETS[accidental or SHARP], end + 2
    elif len(name) in {2, 3} and name[0] in LETTERS and name[-1] == "m" and name[1:-1] in {"", "b"}:
        tonic, accidental = LETTERS[name[0]] - len(name[1:-1]), FLAT if name[1:-1] else None
    else:
        return None
    if scanner.at(end).is_readable and scanner.at(end).is_glued:
        return None
    if not is_labelled and not _is_symbol_here(scanner, index, end, name):
        return None
    return scanner.take(NamedKey(tonic % 12, "minor", accidental), index, _with_key_word(scanner, end))


def _is_symbol_here(scanner: Scanner, start: int, end: int, name: str) -> bool:
    if scanner.at(start - 1).key in IN or scanner.is_label(end, "key"):
        return True
    found = PHRASE_TABLE.longest(scanner.tokens, start)
    if found and any(meaning.kind in {PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE} for meaning in found[1]):
        return False
    if scanner.at(start - 1).number is not None and scanner.at(start).is_glued:
        return False
    if name in AMBIGUOUS_MINOR:
        following = PHRASE_TABLE.longest(scanner.tokens, end)
        is_style = following is not None and any(meaning.kind is PhraseKind.STYLE for meaning in following[1])
        return scanner.is_edge(start - 1) and (scanner.is_edge(end) or is_style)
    return scanner.at(start - 1).key not in PRONOUNS


def _after_preposition(scanner: Scanner, index: int) -> Mention[NamedKey] | None:
    """Read "in D" at the end of a clause."""
    if scanner.at(index).key not in IN:
        return None
    note = read_note(scanner, index + 1)
    if not note or not note.is_letter or not scanner.is_edge(note.end) or _mode(scanner, note.end):
        return None
    return scanner.take(NamedKey(note.pitch_class, None, note.accidental), index + 1, note.end)


def read_bare_notes(scanner: Scanner) -> list[Mention[NamedKey]]:
    """Return notes with an accidental that are a clause of their own: "ballad, Eb", "jazz, si bémol"."""
    found = []
    for index in range(len(scanner.tokens)):
        note = read_note(scanner, index) if scanner.is_edge(index - 1) and scanner.at(index).is_readable else None
        if note and note.accidental and scanner.is_edge(note.end):
            found.append(scanner.take(NamedKey(note.pitch_class, None, note.accidental), index, note.end))
    return found


def _drop_tuning(scanner: Scanner, index: int) -> Mention[None] | None:
    """Take the tuning of a guitar ("drop D"), which is no key and no form."""
    note = scanner.at(index + 1)
    if scanner.at(index).key != "drop" or note.key not in LETTERS or note.key == "a" or _mode(scanner, index + 2):
        return None
    end = index + 2 + (scanner.at(index + 2).text in SHARP_SIGNS | FLAT_SIGNS)
    return scanner.take(None, index, end)


def _with_key_word(scanner: Scanner, end: int) -> int:
    """Include the word after a key: "G minor key"."""
    return scanner.is_label(end, "key") or end
