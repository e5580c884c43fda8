"""Finds what the music is about or for: "for my dog's birthday", "about a lonely robot"."""

from collections.abc import Sequence
from typing import Final

from engines.studio.prompt.mentions import STOP_WORDS, Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch

SUBJECTS: Final = lookup("subjects")
POSSESSIVES: Final = lookup("possessives")
MAX_WORDS: Final = 6
ABOUT: Final = "about"
"""The preposition after which every phrase is a subject; after others it must be personal ("my", "Anna's")."""
END_KINDS: Final = frozenset({PhraseKind.STYLE, PhraseKind.INSTRUMENT, PhraseKind.NEGATION, PhraseKind.EXCLUSIVITY})


def find_subject(scanner: Scanner, matches: Sequence[PhraseMatch]) -> Mention[str] | None:
    """Return the subject as written and its tokens, or None. Words for the music itself ("for piano") are none."""
    musical = (match for match in matches if match.kind is not PhraseKind.SCENE)
    known = {index for match in musical for index in range(match.start, match.end)}
    ends = {match.start for match in matches if match.kind in END_KINDS}
    for index in range(len(scanner.tokens)):
        word = scanner.longest(SUBJECTS, index)
        if not word:
            continue
        start, end = word[0], word[0]
        while end - start < MAX_WORDS and scanner.at(end).is_readable and end not in ends:
            end += 1
        while end > start and scanner.longest(STOP_WORDS, end - 1):
            end -= 1
        words = scanner.tokens[start:end]
        is_personal = any(token.text.endswith("'s") for token in words[:-1]) or scanner.longest(POSSESSIVES, start)
        has_unknown = any(position not in known for position in range(start, end))
        if words and has_unknown and (is_personal or scanner.tokens[index].key == ABOUT):
            written = scanner.text.raw[words[0].start : words[-1].end]
            return Mention(written, start, end, written)
    return None
