"""Finds out what is not wanted: which phrases stand under a "no", "ohne", "sans", "senza" or "sin"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.prompt.phrases import SAYS_NOTHING, Hit, Kind
from engines.studio.prompt.tokens import Word

SUFFIX: Final = re.compile(r"^(drum|bass|beat|melody)less$")
FREED: Final = frozenset({"free", "frei"})
CHOICES: Final = frozenset({"or", "nor", "oder", "noch", "ou", "ni", "o", "ne", "u"})
"""Joins that close a list whose every member is meant: "no drums, bass or strings"."""
STEMS: Final = {"drum": "drums", "beat": "drums", "bass": "bass", "melody": "melody"}


@dataclass(frozen=True, slots=True)
class Suffixed:
    """A word like "drumless": the stem that is not wanted, and its place."""

    stem: str
    place: int


class Negations:
    """Which hits are negated.

    A negation reaches over articles, one unknown word and "and"; commas end it, unless the list closes with "or".
    """

    def __init__(self, row: Sequence[Word], hits: Sequence[Hit]) -> None:
        self._row = row
        self._at = {place: hit for hit in hits for place in range(hit.first, hit.last)}
        self._negated: dict[int, bool] = {}
        for hit in hits:
            if hit.kind not in SAYS_NOTHING:
                self._negated[hit.first] = self._is_denied(hit)

    @property
    def suffixed(self) -> list[Suffixed]:
        """The words that deny by their ending."""
        matches = [(SUFFIX.match(word.plain), place) for place, word in enumerate(self._row)]
        return [Suffixed(STEMS[match[1]], place) for match, place in matches if match]

    def denies(self, hit: Hit) -> bool:
        """Whether a hit is unwanted."""
        return self._negated.get(hit.first, False)

    def _is_denied(self, hit: Hit) -> bool:
        if hit.last < len(self._row) and self._row[hit.last].plain in FREED:
            return True
        strangers, is_linked = 0, False
        for place in range(hit.first - 1, -1, -1):
            other = self._at.get(place)
            if other is not None and other.kind is Kind.JOIN:
                is_linked = True
            elif other is not None and other.kind is not Kind.LINK:
                return other.kind is Kind.NEGATION or (is_linked and self._negated.get(other.first, False))
            elif self._row[place].is_stop:
                return self._row[place].plain == "," and self._listed(hit) and self._carries(place - 1)
            elif other is None:
                strangers += 1
                if strangers > 1 or is_linked:
                    return False
        return False

    def _carries(self, place: int) -> bool:
        other = self._at.get(place)
        return other is not None and self._negated.get(other.first, False)

    def _listed(self, hit: Hit) -> bool:
        """Whether a later "or" closes the list that a hit stands in."""
        for place in range(hit.last, min(len(self._row), hit.last + 8)):
            plain = self._row[place].plain
            if plain in CHOICES:
                return True
            other = self._at.get(place)
            if plain in ".;" or (other is None and plain != ",") or (other and other.kind is Kind.NEGATION):
                return False
        return self._row[hit.first - 1].plain in CHOICES
