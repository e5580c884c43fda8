"""Negation scopes: which phrases a "no", "ohne" or ": none" excludes, and which "less" reduces or "more" raises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.studio.instruments import STEMS
from engines.studio.languages import LANGUAGES
from engines.studio.orchestration import default_parts
from engines.studio.prompt.instrument_concepts import known_instrument
from engines.studio.prompt.mentions import LIST_SIGNS, SEPARATORS
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, NON_MUSICAL_KINDS, PhraseKind, PhraseMatch
from engines.studio.prompt.text.tokens import Token, normalize

MAX_LIST_TOKENS: Final = 12
ACCOMPANIMENT: Final = frozenset({"drums", "bass", "texture"})
ENUMERATION_COMMA: Final = "、"
"""In Chinese it separates the items of a list, in Japanese also clauses."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How the words around a phrase change it.

    It is excluded, made quieter or weaker ("less drums"), or made louder ("more strings").
    """

    is_negated: bool
    is_reduced: bool = False
    is_raised: bool = False


EXCEPTIONS: Final = frozenset(normalize(word) for language in LANGUAGES for word in language.exceptions)
POSTPOSING: Final = frozenset(
    language.code for language in LANGUAGES if len(language.postponed_negations) > len(language.negations)
)
"""Languages that place most negations after the phrase: "ドラムとベースなし"."""
LIST_SIGNS_OF: Final = {language.code: frozenset(language.list_signs) for language in LANGUAGES}
PARTICLE_KINDS: Final = frozenset({PhraseKind.FILLER, PhraseKind.STOP_WORD, PhraseKind.EXCLUSIVITY})
NO_SCOPE: Final = Scope(is_negated=False)


@dataclass(slots=True)
class _Walk:
    """What lies between a phrase and the word before it that may negate it."""

    match: PhraseMatch
    unknown: int = 0
    has_conjunction: bool = False
    has_stop_word: bool = False


class Negations:
    """The negated and reduced phrases of a prompt.

    The scope of a negation spans fillers, one unknown word and "and"; punctuation ends it, except the commas of a list
    that closes with "or". A negation after a phrase ("drums: none") excludes that phrase alone.
    """

    def __init__(self, tokens: Sequence[Token], matches: Sequence[PhraseMatch], ranges: Sequence[range]) -> None:
        self._tokens = tokens
        self._match_at = {index: match for match in matches for index in range(match.start, match.end)}
        self._ranges = ranges
        self._scopes: dict[int, Scope] = {}
        self.modifiers: set[int] = set()
        self._negated_after: dict[int, bool] = {}
        self._particle_ends: dict[int, int] = {}
        for match in reversed(matches):
            if _is_particle(match):
                self._particle_ends[match.start] = self._particle_ends.get(match.end, match.end)
            self._negated_after[match.start] = self._is_negated_after(match)
        for match in matches:
            if match.kind not in NON_MUSICAL_KINDS or match.value_of(PhraseKind.SECTION) is not None:
                self._scopes[match.start] = self._find_scope(match)

    def is_negated(self, match: PhraseMatch) -> bool:
        return self.scope_of(match).is_negated

    def scope_of(self, match: PhraseMatch) -> Scope:
        """Return how words such as "no", "less" and "more" change a phrase."""
        return self._scopes.get(match.start, NO_SCOPE)

    def _find_scope(self, match: PhraseMatch) -> Scope:
        if any(match.start in scope for scope in self._ranges):
            return Scope(is_negated=True)
        if match.kind is PhraseKind.PROPERTY:  # "note: no drums"
            return self._scope_before(match)
        if self._negated_after[match.start]:
            return Scope(is_negated=True)
        after = self._match_at.get(self._after_particles(match))
        if after is not None and after.kind is PhraseKind.REDUCTION and after.language in POSTPOSING:
            self.modifiers.add(after.start)
            return Scope(is_negated=False, is_reduced=True)
        if after is not None and after.start == match.end and self._ends_clause(after.end):
            level = self._level(after, match)
            if level is not None:
                return level
        return NO_SCOPE if self._is_alone(match) else self._scope_before(match)

    def _is_alone(self, match: PhraseMatch) -> bool:
        """Return whether words after an instrument exclude all others: "除了钢琴以外不要别的"."""
        other = self._match_at.get(match.end)
        if other is None or match.kind is not PhraseKind.INSTRUMENT:
            return False
        return other.kind is PhraseKind.EXCLUSIVITY and other.value == "after" and self._ends_clause(other.end)

    def _is_negated_after(self, match: PhraseMatch) -> bool:
        """Return whether "none" follows: "drums: none", "Vocals = none", "bass (none)", "drum-free"."""
        index = self._after_particles(match)
        if index < len(self._tokens) and self._tokens[index].text in SEPARATORS | {"-", "(", "?", "\u2013"}:
            index += 1
        is_value = index > match.end and not self._tokens[index - 1].is_readable
        other = self._match_at.get(index)
        if other is None or other.start != index:
            return False
        if other.value_of(PhraseKind.POSTPONED_NEGATION) is not None:
            is_ambiguous = any(other.value_of(kind) is not None for kind in (PhraseKind.STOP_WORD, PhraseKind.NEGATION))
            is_last = index == match.end and self._ends_clause(other.end)
            return is_value or is_last or not is_ambiguous
        if other.kind is PhraseKind.CONJUNCTION and not is_value:
            following = self._match_at.get(self._after_particles(other))
            if following is None or following.kind is not PhraseKind.INSTRUMENT:
                return False
            return following.language in POSTPOSING and self._negated_after[following.start]
        return is_value and other.kind is PhraseKind.NEGATION and self._ends_clause(other.end)

    def _after_particles(self, match: PhraseMatch) -> int:
        """Return the index after the particles of a phrase, in languages that place negations after it."""
        return self._particle_ends.get(match.end, match.end) if match.language in POSTPOSING else match.end

    def _ends_clause(self, index: int) -> bool:
        if index >= len(self._tokens) or not self._tokens[index].is_readable:
            return True
        following = self._match_at.get(index)
        return following is not None and following.kind in NON_MUSICAL_KINDS

    def _scope_before(self, match: PhraseMatch) -> Scope:
        if match.start and self._is_minus(match.start - 1):
            return Scope(is_negated=True)
        state = _Walk(match)
        for index in range(match.start - 1, -1, -1):
            other = self._match_at.get(index)
            scope = self._pass_word(state, index) if other is None else self._pass_phrase(state, other)
            if scope is not None:
                return scope
        return NO_SCOPE

    def _pass_phrase(self, walk: "_Walk", other: PhraseMatch) -> Scope | None:
        """Return the scope if a phrase before decides it, otherwise None."""
        if (level := self._level(other, walk.match)) is not None:
            return level
        if other.kind in {PhraseKind.CONJUNCTION, PhraseKind.DISJUNCTION}:
            walk.has_conjunction = True
            return NO_SCOPE if walk.has_stop_word else None
        is_attribute = (
            walk.match.kind is PhraseKind.PROPERTY and other.kind in ADJECTIVE_KINDS and not walk.has_stop_word
        )
        if other.kind is PhraseKind.FILLER or is_attribute:  # "many quick notes"
            return None
        if other.value_of(PhraseKind.NEGATION) is not None and other.kind in NON_MUSICAL_KINDS:
            return Scope(is_negated=not (self._is_after_colon(other) or self._is_exception(other)))
        if other.kind is PhraseKind.STOP_WORD and not (walk.has_stop_word or walk.unknown or walk.has_conjunction):
            walk.has_stop_word = True
            return None
        before = self._scopes.get(other.start)
        is_adjective = walk.match.kind is PhraseKind.INSTRUMENT and other.kind in ADJECTIVE_KINDS
        is_adjective = is_adjective and other.end == walk.match.start and not walk.has_conjunction
        return before if before and (walk.has_conjunction or is_adjective) else NO_SCOPE

    def _pass_word(self, walk: "_Walk", index: int) -> Scope | None:
        """Pass one unknown word. Punctuation ends a scope, except the commas of a list."""
        token = self._tokens[index]
        if token.is_readable or token.text == "-":
            walk.unknown += token.is_readable
            return NO_SCOPE if walk.unknown > 1 or walk.has_conjunction else None
        is_listed = token.text == "/" or (token.text in LIST_SIGNS_OF.get(walk.match.language, ()))
        is_listed = is_listed or (token.text in {",", ENUMERATION_COMMA} and self._is_in_or_list(walk.match))
        return (self._scope_at(index - 1) if is_listed else None) or NO_SCOPE

    def _is_exception(self, negation: PhraseMatch) -> bool:
        """Return whether the negation excepts a phrase from an exclusion: "no guitars except a banjo"."""
        previous = self._scope_at(negation.start - 1)
        return previous is not None and previous.is_negated and normalize(negation.text) in EXCEPTIONS

    def _is_after_colon(self, negation: PhraseMatch) -> bool:
        """Return whether the negation is the value of a label ("vocals: no, piano") and not before a phrase."""
        previous = self._tokens[negation.start - 1] if negation.start else None
        return previous is not None and previous.text in SEPARATORS and self._ends_clause(negation.end)

    def _is_minus(self, index: int) -> bool:
        """Return whether a minus sign excludes the next word: "-drums", not "lo-fi" or a bullet "- drums"."""
        token, following = self._tokens[index], self._tokens[index + 1]
        return token.text == "-" and not token.is_glued and following.is_glued

    def _level(self, other: PhraseMatch, match: PhraseMatch) -> Scope | None:
        """Return the scope of a word that makes a phrase quieter or louder ("less drums", "loud drums"), or None."""
        is_instrument = match.kind is PhraseKind.INSTRUMENT
        is_noun = is_instrument or match.kind is PhraseKind.PROPERTY
        is_reduced = other.value_of(PhraseKind.REDUCTION) is not None and (
            other.kind is PhraseKind.REDUCTION
            or (is_instrument and (other.kind not in ADJECTIVE_KINDS or _is_accompaniment(match)))
        )
        is_raised = is_noun and other.value_of(PhraseKind.EMPHASIS) is not None
        if not (is_reduced or is_raised):
            return None
        self.modifiers.add(other.start)
        return Scope(is_negated=False, is_reduced=is_reduced, is_raised=is_raised and not is_reduced)

    def _scope_at(self, index: int) -> Scope | None:
        match = self._match_at.get(index)
        return self._scopes.get(match.start) if match is not None else None

    def _is_in_or_list(self, match: PhraseMatch) -> bool:
        """Return whether the phrase is an item of a list that closes with "or"."""
        for index in range(match.end, min(len(self._tokens), match.end + MAX_LIST_TOKENS)):
            other = self._match_at.get(index)
            if other is not None and self._is_disjunction(other):
                return True
            token = self._tokens[index]
            if other is None and token.text not in LIST_SIGNS:
                break
            if (
                other is not None
                and other.value_of(PhraseKind.NEGATION) is not None
                and other.kind in NON_MUSICAL_KINDS
            ):
                break
        previous = self._match_at.get(match.start - 1)
        return previous is not None and self._is_disjunction(previous)

    def _is_disjunction(self, match: PhraseMatch) -> bool:
        return match.value_of(PhraseKind.DISJUNCTION) is not None


def _is_particle(match: PhraseMatch) -> bool:
    """Return whether a phrase may lie between another one and the negation after it."""
    if match.kind not in PARTICLE_KINDS or match.value_of(PhraseKind.CONJUNCTION) is not None:
        return False
    return match.value_of(PhraseKind.POSTPONED_NEGATION) is None


def _is_accompaniment(match: PhraseMatch) -> bool:
    """Return whether "quiet" before an instrument is its level ("quiet drums"); "quiet piano" describes the music."""
    name = known_instrument(str(match.value))
    return name is not None and (name if name in STEMS else default_parts.default_stem(name)) in ACCOMPANIMENT
