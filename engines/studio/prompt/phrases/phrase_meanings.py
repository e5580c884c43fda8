"""The kinds and meanings of phrases, and which meanings of one phrase apply together."""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

Value = str | float
INTERNATIONAL: Final = ""
"""The language of phrases that all languages share, such as the keywords of styles."""


class PhraseKind(IntEnum):
    """What a phrase describes; if a phrase has several meanings, the lowest value is the leading one."""

    NAME = 0
    STYLE = 1
    EXCLUSION = 2
    INSTRUMENT = 3
    FORM = 4
    METRE = 5
    MOOD = 6
    ENERGY = 7
    TEMPO = 8
    DECADE = 9
    MODE = 10
    TRANSFORMATION = 11
    PROPERTY = 12
    APPROXIMATED_STYLE = 13
    SCENE = 14
    POSITION = 15
    NEGATION = 16
    POSTPONED_NEGATION = 17
    EXCLUSIVITY = 18
    REDUCTION = 19
    SECTION = 20
    SEQUENCE = 21
    DEGREE = 22
    DISJUNCTION = 23
    CONJUNCTION = 24
    FILLER = 25
    STOP_WORD = 26
    EMPHASIS = 27
    SOUND = 28


NON_MUSICAL_KINDS: Final = frozenset({PhraseKind.NAME, *(kind for kind in PhraseKind if kind >= PhraseKind.POSITION)})
"""Kinds that only modify other phrases or have no musical meaning."""
ADJECTIVE_KINDS: Final = frozenset({PhraseKind.MOOD, PhraseKind.ENERGY, PhraseKind.TEMPO, PhraseKind.TRANSFORMATION})
"""Kinds of words that describe the music or what follows them: "dark", "heavy drums"."""
COMBINED: Final = {
    **dict.fromkeys(ADJECTIVE_KINDS, ADJECTIVE_KINDS | {PhraseKind.SCENE}),
    PhraseKind.STYLE: frozenset({PhraseKind.METRE, PhraseKind.MOOD, PhraseKind.DECADE}),
    PhraseKind.METRE: frozenset({PhraseKind.APPROXIMATED_STYLE}),
}
"""The kinds that apply beside a leading one: "dark" is a mood and a tone, "waltz" a style and a metre, "night" a
mood and a scene."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a phrase in a language."""

    kind: PhraseKind
    value: Value
    language: str


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """A known phrase in a prompt: its meanings, the leading one first, and the range of its token indexes."""

    meanings: tuple[Meaning, ...]
    start: int
    end: int
    text: str

    @property
    def kind(self) -> PhraseKind:
        return self.meanings[0].kind

    @property
    def value(self) -> Value:
        return self.meanings[0].value

    @property
    def language(self) -> str:
        return self.meanings[0].language

    def value_of(self, kind: PhraseKind) -> Value | None:
        """Return the value of its meaning of a kind, or None."""
        return next((meaning.value for meaning in self.meanings if meaning.kind is kind), None)

    def led_by(self, kind: PhraseKind) -> "PhraseMatch":
        """Return the match with its meaning of a kind alone."""
        return replace(self, meanings=tuple(meaning for meaning in self.meanings if meaning.kind is kind))


def applicable_kinds(match: PhraseMatch) -> list[PhraseKind]:
    """Return the kinds of the meanings that apply: the leading one and those that go with it."""
    kinds = list(dict.fromkeys(meaning.kind for meaning in match.meanings))
    if kinds[0] in ADJECTIVE_KINDS and PhraseKind.APPROXIMATED_STYLE in kinds:
        return [PhraseKind.APPROXIMATED_STYLE, *(kind for kind in kinds if kind in ADJECTIVE_KINDS)]
    return [kind for kind in kinds if kind is kinds[0] or COMBINED.get(kinds[0], frozenset()) & {kind}]
