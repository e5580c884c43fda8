"""Separates words that are written without spaces, and particles that are attached to words, by the vocabulary."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.languages.language import Language
from engines.studio.prompt.text.normalization import MARKS, normalize

UNSPACED: Final = "々〆〇\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u3400-\u9fff"
"""Kana and Chinese characters, in which words follow each other without spaces."""
ATTACHING: Final = "\u0621-\u064a\u066e-\u06d3\uac00-\ud7a3"
"""Arabic letters and Hangul, in which particles are attached to words."""
SPACED: Final = "\u0904-\u0939\u0958-\u0961"
"""Devanagari letters: only separated from digits and Latin letters."""
MIDDLE_DOT: Final = "・"
RUN_PATTERN: Final = re.compile(
    rf"(?P<unspaced>[{UNSPACED}](?:[{UNSPACED}]|{MIDDLE_DOT}(?=[{UNSPACED}]))*)"
    rf"|(?P<attaching>[{ATTACHING}][{ATTACHING}{MARKS}]*)|(?P<spaced>[{SPACED}][{SPACED}{MARKS}]*)"
)
CONTINUATION: Final = frozenset("ーぁぃぅぇぉっゃゅょゎんァィゥェォッャュョヮン")
"""Kana with which no word begins: a known word before one is only the beginning of a longer one."""
HANGUL: Final = re.compile("[\uac00-\ud7a3]")
HIRAGANA: Final = re.compile("[\u3041-\u3096]")
PLACE_TABLES: Final = frozenset({"sections", "ordinals", "positions"})
"""Tables of words that postpositions follow ("후렴부터"), which are separated from them."""
MIN_STEM_LETTERS: Final = 2
"""A known word of fewer letters is separated from the rest of a run only if the rest consists of particles."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of all languages in scripts without spaces, normalized.

    ``words`` maps a word to its parts: a key such as "嬰ハ短調" has three, all others one. ``lengths`` are the lengths
    of words by their first letter, longest first. ``suffixes`` and ``prefixes`` are words that are attached to others.
    """

    words: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, tuple[int, ...]]
    suffixes: Collection[str]
    prefixes: Collection[str]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of all languages."""
    words: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        if not any(RUN_PATTERN.search(negation) for negation in language.negations):
            continue
        words |= {normalize(run): (run,) for phrase in _phrases(language) for run in _runs(phrase)}
        words |= {"".join(parts): parts for parts in _keys(language)}
    suffixes = {normalize(suffix) for language in LANGUAGES for suffix in language.suffixes}
    prefixes = {normalize(prefix) for language in LANGUAGES for prefix in language.prefixes}
    words = {word: parts for word, parts in words.items() if word not in suffixes}
    lengths: dict[str, set[int]] = {}
    for word in [*words, *suffixes]:
        lengths.setdefault(word[0], set()).add(len(word))
    return Lexicon(
        words,
        {letter: tuple(sorted(sizes, reverse=True)) for letter, sizes in lengths.items()},
        frozenset(suffixes),
        tuple(sorted(prefixes, key=len, reverse=True)),
    )


def separate_words(text: str) -> str:
    """Return a text with spaces between words of scripts without spaces, and between scripts ("BPM128の")."""

    def separated(match: re.Match[str]) -> str:
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        is_attached = before.isalnum()
        if match["unspaced"]:
            parts = _unspaced_words(match.group(), is_attached=is_attached)
        elif match["attaching"]:
            parts = _attached_words(match.group(), is_attached=is_attached)
        else:
            parts = [match.group()]
        left = " " if is_attached or before in {"#", "♯", "♭", "%", "."} else ""
        return left + " ".join(parts) + (" " if after.isalnum() else "")

    return text if text.isascii() else RUN_PATTERN.sub(separated, text)


def _phrases(language: Language) -> Iterator[str]:
    """Yield the phrases of all tables except the names of notes, which are words only in a key."""
    for table in fields(language):
        value = getattr(language, table.name)
        if table.name in {"code", "name", "notes", "suffixes", "prefixes", "negative_suffixes"}:
            continue
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, dict) and not table.name.endswith("inflections"):
            phrases = tuple(phrase for row in value.values() for phrase in row)
            yield from phrases
            if table.name not in PLACE_TABLES:
                yield from language.inflected_phrases(phrases) if language.inflections else ()
                yield from language.inflected_nouns(phrases) if language.noun_inflections else ()


def _runs(phrase: str) -> Iterator[str]:
    return (match.group().replace(MIDDLE_DOT, "") for match in RUN_PATTERN.finditer(phrase) if not match["spaced"])


def _keys(language: Language) -> Iterator[tuple[str, ...]]:
    """Yield the parts of all keys that are written in one word: accidental, note, mode."""
    notes = [note for row in language.notes.values() for note in row if _is_run(note)]
    modes = [mode for row in language.modes.values() for mode in row if _is_run(mode)]
    accidentals = [name for row in language.prefix_accidentals.values() for name in row if _is_run(name)]
    yield from ((note, mode) for note in notes for mode in modes)
    yield from ((name, note, mode) for name in accidentals for note in notes for mode in modes)


def _is_run(word: str) -> bool:
    match = RUN_PATTERN.fullmatch(word)
    return match is not None and not match["spaced"]


def _unspaced_words(run: str, *, is_attached: bool) -> list[str]:
    """Split a run at known words; the letters between two known words are one unknown word."""
    table, parts, start = lexicon(), [], 0
    index, is_after_word = 0, is_attached
    while index < len(run):
        word, size = _longest_word(run, index, table, has_suffixes=is_after_word or _may_end_word(run, index))
        if not word:
            index, is_after_word = index + 1, False
            continue
        if start < index:
            parts.append(run[start:index])
        parts.extend(word)
        index = start = index + size
        is_after_word = True
    return [*parts, run[start:]] if start < len(run) else parts


def _may_end_word(run: str, index: int) -> bool:
    """Return whether the letter before a position can end an unknown word before a particle: not in hiragana."""
    return index > 0 and not HIRAGANA.match(run[index - 1])


def _longest_word(run: str, index: int, table: Lexicon, *, has_suffixes: bool) -> tuple[tuple[str, ...], int]:
    """Return the parts of the longest known word at a position, and how many letters of the run it covers."""
    for size in table.lengths.get(run[index], ()):
        end = index + size
        word = run[index:end]
        while MIDDLE_DOT in word and end < len(run) and len(word.replace(MIDDLE_DOT, "")) < size:
            end += 1
            word = run[index:end]
        word = word.replace(MIDDLE_DOT, "")
        if run[end : end + 1] in CONTINUATION:
            continue
        if word in table.words:
            return table.words[word], end - index
        if has_suffixes and word in table.suffixes:
            return (word,), end - index
    return (), 0


def _attached_words(run: str, *, is_attached: bool) -> list[str]:
    """Split particles from a word with spaces around it; a run that does not begin with a known word stays whole."""
    table = lexicon()
    if normalize(run) in table.words:
        return list(table.words[normalize(run)]) if len(table.words[normalize(run)]) > 1 else [run]
    for prefix in table.prefixes:
        rest = run.removeprefix(prefix)
        if rest != run and (parts := _known_words(rest, table)):
            return [prefix, *parts]
    return _stem_and_particles(run, table, is_attached=is_attached) if HANGUL.match(run) else [run]


def _known_words(run: str, table: Lexicon) -> list[str]:
    if normalize(run) in table.words:
        return [run]
    for prefix in table.prefixes:
        rest = run.removeprefix(prefix)
        if rest != run and normalize(rest) in table.words:
            return [prefix, rest]
    return []


def _stem_and_particles(run: str, table: Lexicon, *, is_attached: bool) -> list[str]:
    parts: list[str] = []
    first_size = index = 0
    while index < len(run):
        word, size = _longest_word(run, index, table, has_suffixes=index > 0 or is_attached)
        if not word:
            break
        first_size = first_size or size
        parts.extend(word)
        index += size
    is_long_enough = first_size >= MIN_STEM_LETTERS
    if index < len(run):
        return [*parts, run[index:]] if is_long_enough else [run]
    return parts if is_long_enough or is_attached or _are_particles(parts[1:], table) else [run]


def _are_particles(parts: Iterable[str], table: Lexicon) -> bool:
    return all(part in table.suffixes for part in parts)
