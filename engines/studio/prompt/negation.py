"""Negation scope detection: which phrases a "no", "ohne", "sans", "senza" or "sin" negates."""

import re
from collections.abc import Sequence
from typing import Final

from engines.studio.prompt.phrases import NON_MUSICAL_KINDS, PhraseKind, PhraseMatch
from engines.studio.prompt.tokens import Token

LESS_SUFFIX: Final = re.compile(r"^(drum|bass|beat|melody)less$")
FREE_WORDS: Final = frozenset({"free", "frei"})
OR_WORDS: Final = frozenset({"or", "nor", "oder", "noch", "ou", "ni", "o", "ne", "u"})
"""Conjunctions that negate every item of their list: "no drums, bass or strings"."""
STEM_BY_PREFIX: Final = {"drum": "drums", "beat": "drums", "bass": "bass", "melody": "melody"}
MAX_LIST_TOKENS: Final = 8


class Negations:
    """The negated phrases of a prompt.

    The scope of a negation spans fillers, one unknown word and "and"; punctuation ends it, except the commas of a list
    that closes with "or".
    """

    def __init__(self, tokens: Sequence[Token], matches: Sequence[PhraseMatch]) -> None:
        self._tokens = tokens
        self._match_at = {index: match for match in matches for index in range(match.start, match.end)}
        self._negated: dict[int, bool] = {}
        for match in matches:
            if match.kind not in NON_MUSICAL_KINDS:
                self._negated[match.start] = self._is_in_scope(match)

    @property
    def suffix_negations(self) -> list[tuple[str, int]]:
        """Words such as "drumless": the excluded stem, and the index of the token."""
        words = [(LESS_SUFFIX.match(token.normalized), index) for index, token in enumerate(self._tokens)]
        return [(STEM_BY_PREFIX[word[1]], index) for word, index in words if word]

    def is_negated(self, match: PhraseMatch) -> bool:
        return self._negated.get(match.start, False)

    def _is_in_scope(self, match: PhraseMatch) -> bool:
        if match.end < len(self._tokens) and self._tokens[match.end].normalized in FREE_WORDS:
            return True
        unknown_words, has_conjunction = 0, False
        for index in range(match.start - 1, -1, -1):
            other = self._match_at.get(index)
            if other is not None and other.kind is PhraseKind.CONJUNCTION:
                has_conjunction = True
            elif other is not None and other.kind is not PhraseKind.FILLER:
                return other.kind is PhraseKind.NEGATION or (has_conjunction and self.is_negated(other))
            elif self._tokens[index].is_punctuation:
                is_comma = self._tokens[index].normalized == ","
                return is_comma and self._is_in_or_list(match) and self._is_negated_at(index - 1)
            elif other is None:
                unknown_words += 1
                if unknown_words > 1 or has_conjunction:
                    return False
        return False

    def _is_negated_at(self, index: int) -> bool:
        match = self._match_at.get(index)
        return match is not None and self.is_negated(match)

    def _is_in_or_list(self, match: PhraseMatch) -> bool:
        """Return whether the phrase is an item of a list that closes with "or"."""
        for index in range(match.end, min(len(self._tokens), match.end + MAX_LIST_TOKENS)):
            word = self._tokens[index].normalized
            if word in OR_WORDS:
                return True
            other = self._match_at.get(index)
            if word in ".;" or (other is None and word != ",") or (other and other.kind is PhraseKind.NEGATION):
                return False
        return self._tokens[match.start - 1].normalized in OR_WORDS
