"""The phrases that belong to a place in the track, with their verb and negation."""

from dataclasses import dataclass, field
from typing import Final

from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind, PhraseMatch

INSTRUMENT_KINDS: Final = frozenset({PhraseKind.INSTRUMENT, PhraseKind.EXCLUSION})
CONTENT_KINDS: Final = ADJECTIVE_KINDS | INSTRUMENT_KINDS


@dataclass(slots=True)
class Content:
    """The phrases that a place scopes, and the words around them."""

    matches: list[PhraseMatch] = field(default_factory=list)
    others: list[PhraseMatch] = field(default_factory=list)
    verb: str | None = None
    is_negated: bool = False
    is_only: bool = False
    is_all_but: bool = False
    is_solo: bool = False
    end: int = 0
    has_unknown: bool = False

    @property
    def starts(self) -> set[int]:
        """The start indexes of all phrases."""
        return {match.start for match in (*self.matches, *self.others)}

    @property
    def instruments(self) -> list[PhraseMatch]:
        return [match for match in self.matches if match.kind in INSTRUMENT_KINDS]
