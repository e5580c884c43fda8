"""Finds the phrases that belong to a place in the track: those before it, or else those after it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.model.form_request import Extent
from engines.studio.prompt.exclusivity import SOLO, is_solo_section
from engines.studio.prompt.form.places import Place, presence_at
from engines.studio.prompt.form.scope_content import CONTENT_KINDS, INSTRUMENT_KINDS, Content
from engines.studio.prompt.mentions import LIST_SIGNS, Scanner, lookup
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.text.tokens import Token, normalize

ALL_BUT: Final = frozenset(normalize(phrase) for language in LANGUAGES for phrase in language.all_but)
PARTICLES: Final = lookup("presence_particles")
NEUTRAL_KINDS: Final = frozenset({PhraseKind.STOP_WORD, PhraseKind.FILLER, PhraseKind.DEGREE})
JOINING_KINDS: Final = frozenset({PhraseKind.CONJUNCTION, PhraseKind.DISJUNCTION})
HARD_BREAKS: Final = frozenset(".;!?|\n\r[](){}")
MAX_UNKNOWN: Final = 3
"""The most unknown words between instruments and their place."""
MAX_ADJECTIVES: Final = 3
MAX_VERB_DISTANCE: Final = 2
"""The most tokens between a place and a verb after it."""


class ContentFinder:
    """Finds the phrases of places in the clauses of a prompt. Punctuation separates clauses.

    ``taken`` are the start indexes of phrases that belong to a place already.
    """

    def __init__(self, scanner: Scanner, matches: Sequence[PhraseMatch], negations: Negations) -> None:
        self._scanner, self._negations = scanner, negations
        self._tokens: Sequence[Token] = scanner.tokens
        self._match_at = {index: match for match in matches for index in range(match.start, match.end)}
        self._verbs: dict[int, tuple[int, str]] = {}
        self._verb_ends: dict[int, tuple[int, str]] = {}
        self.taken: set[int] = set()
        for index in range(len(self._tokens)):
            found = presence_at(scanner, index)
            if found and index not in scanner.taken:
                self._verbs[index] = found
                self._verb_ends.setdefault(found[0] - 1, (index, found[1]))

    def phrase_before(self, index: int) -> PhraseMatch | None:
        """Return the phrase that ends at a token index."""
        return self._match_at.get(index - 1)

    def find(self, place: Place, floor: int, following: int) -> Content | None:
        """Return the phrases that a place scopes, between the token indexes ``floor`` and ``following``."""
        if not place.is_bound:
            content = self._adjectives_before(place, floor)
            after = self._content_after(place, following)
            return _merged(content, after)
        before = self._content_before(place, floor)
        if before is None:
            after = self._content_after(place, following)
            return after or self._content_of_neighbours(place, floor, following)
        before.is_negated = before.is_negated or place.is_negated
        if before.instruments and (place.range.section is None or place.range.extent is not Extent.WITHIN):
            before.matches = before.instruments  # "a lonely horn from 0:20" describes the horn, not the music
        return self._with_verb_after(before, place, following)

    def _content_before(self, place: Place, floor: int, start: int | None = None) -> Content | None:
        """Return the nearest group of instruments before a place, or else the adjectives directly before it."""
        content = Content()
        index, unknown = (place.start if start is None else start) - 1, 0
        while index >= floor:
            verb = self._verb_at(index)
            match = self._match_at.get(index)
            if verb and not content.matches:
                content.others += self._words_of_verb(verb[0], index + 1)
                content.verb, index = verb[1], verb[0] - 1
                continue
            if match is None:
                token = self._tokens[index]
                unknown += token.is_readable
                content.has_unknown = content.has_unknown or (token.is_readable and not content.matches)
                is_passed = token.is_readable or token.text in {"-", "'"}
                if content.matches or not is_passed or unknown > MAX_UNKNOWN or index in self._scanner.taken:
                    is_list = token.text in LIST_SIGNS and self._continues_list(index, content)
                    if not is_list:
                        break
            elif not self._pass(match, content):
                break
            index = (match.start if match else index) - 1
        is_vague = content.has_unknown and not (content.verb or content.is_negated or content.is_only)
        if is_vague and place.range.extent is not Extent.WITHIN:  # "drum fill before the chorus"
            return None
        return content if content.matches else None

    def _pass(self, match: PhraseMatch, content: Content) -> bool:
        """Add a phrase to the group before a place, or return False if it ends the group."""
        is_solo = match.value_of(PhraseKind.SECTION) == SOLO and self.is_after_instrument(match)
        if match.start in self.taken or is_solo:
            return False
        if match.kind in CONTENT_KINDS:
            return self._add_to_group(match, content)
        if match.value_of(PhraseKind.EXCLUSIVITY) is not None:
            content.others.append(match)
            is_alone = not content.matches and match.value_of(PhraseKind.EXCLUSIVITY) == "after"  # "piano alone in"
            content.is_solo = bool(content.matches) or is_alone
            content.is_only = not content.is_solo
            return content.is_only or is_alone
        if match.value_of(PhraseKind.NEGATION) is not None:
            content.is_negated = content.is_negated or not content.matches
            content.is_all_but = normalize(match.text) in ALL_BUT
            return not content.matches
        if match.kind in JOINING_KINDS or (match.kind in NEUTRAL_KINDS and not content.matches):
            return True
        before = self._match_at.get(match.start - 1)  # "only the bass", "everything but the bass"
        return match.kind in NEUTRAL_KINDS and before is not None and _is_limit(before)

    def is_after_instrument(self, match: PhraseMatch) -> bool:
        """Return whether "solo" is a section: "guitar solo"."""
        before = self._match_at.get(match.start - 1)
        return before is not None and before.kind is PhraseKind.INSTRUMENT and is_solo_section(match)

    def _add_to_group(self, match: PhraseMatch, content: Content) -> bool:
        is_instrument = match.kind in INSTRUMENT_KINDS
        is_adjacent = bool(content.matches) and content.matches[-1].start == match.end
        if not is_instrument and content.instruments and not is_adjacent:
            return False
        if is_instrument and content.matches and not content.instruments:
            return False
        content.matches.append(match)
        return True

    def _continues_list(self, index: int, content: Content) -> bool:
        """Return whether a comma separates two excluded instruments of one list."""
        before = self._match_at.get(index - 1)
        last = content.matches[-1] if content.matches else None
        is_list = before is not None and before.kind is PhraseKind.INSTRUMENT and last is not None
        return (
            is_list
            and before is not None
            and last is not None
            and (
                self._negations.is_negated(before)
                and self._negations.is_negated(last)
                and self._match_at.get(last.start - 1, before).value_of(PhraseKind.NEGATION) is None
            )
        )

    def _with_verb_after(self, content: Content, place: Place, following: int) -> Content:
        """Add a verb or a part of one after the place: "drums in the bridge drop out", "setzt im Refrain aus"."""
        end = min(following, place.end + MAX_VERB_DISTANCE)
        verb = next((self._verbs[index] for index in range(place.end, end) if index in self._verbs), None)
        particle = PARTICLES.longest(self._tokens, place.end) if place.end < len(self._tokens) else None
        if particle and (particle[0] == len(self._tokens) or self._tokens[particle[0]].is_break):
            content.verb, content.end = particle[1][0].value, particle[0]
        elif verb and content.verb is None:
            content.verb, content.end = verb[1], verb[0]
        return content

    def _adjectives_before(self, place: Place, floor: int) -> Content | None:
        """Return the phrases directly before a section: "quiet verse", "soft piano intro", "drumless bridge"."""
        content = Content()
        end = place.start
        while end > floor and len(content.matches) < MAX_ADJECTIVES:
            match = self._match_at.get(end - 1)
            if match is None or match.kind not in CONTENT_KINDS or match.start in self.taken:
                break
            content.matches.append(match)
            end = match.start
        negation = self._match_at.get(end - 1)
        if negation is not None and negation.value_of(PhraseKind.NEGATION) is not None:
            return None
        return content if content.matches else None

    def _content_after(self, place: Place, following: int) -> Content | None:
        """Return the phrases after a place in its clause."""
        content = Content()
        index = place.end
        has_colon = index < len(self._tokens) and self._tokens[index].text in {":", "\u2013", "="}
        index += has_colon
        previous = self._match_at.get(place.start - 1)
        content.is_only = place.is_only
        if place.is_bound and previous and previous.value_of(PhraseKind.EXCLUSIVITY) is not None:
            content.is_only = True
            content.others.append(previous)
        while index < following:
            token, match = self._tokens[index], self._match_at.get(index)
            if token.text in HARD_BREAKS or (token.is_break and not has_colon):
                break
            verb = self._verbs.get(index)
            if verb and (match is None or match.kind not in CONTENT_KINDS):
                content.others += self._words_of_verb(index, verb[0])
                content.verb, content.end = verb[1], verb[0]
                index = content.end
                continue
            if match is None:
                index += 1
                continue
            if not place.is_bound and not has_colon and not content.matches and match.kind in JOINING_KINDS:
                break
            self._add_after(match, content)
            index = match.end
        return content if content.matches else None

    def _add_after(self, match: PhraseMatch, content: Content) -> None:
        if match.start in self.taken:
            return
        if match.kind in CONTENT_KINDS:
            content.matches.append(match)
        elif match.value_of(PhraseKind.EXCLUSIVITY) is not None:
            content.is_solo = True
            content.others.append(match)

    def _content_of_neighbours(self, place: Place, floor: int, following: int) -> Content | None:
        """Return the phrases of the next clause ("in the intro, no drums"), or else of the previous one."""
        is_break = place.end < len(self._tokens) and self._tokens[place.end].text in {",", "、", ":"}
        before = self._match_at.get(place.start - 1)
        is_only = before is not None and before.value_of(PhraseKind.EXCLUSIVITY) is not None
        start = place.start
        while start > 0 and (self._is_neutral(start - 1) or self._tokens[start - 1].text == "-"):
            start -= 1
        starts = start == 0 or self._tokens[start - 1].is_break
        if is_break and starts and not is_only:
            return self._content_after(replace(place, end=place.end + 1), following)
        start = place.start - 1
        while start > floor and (self._is_neutral(start) or self._tokens[start].text == ","):
            start -= 1
        is_comma = start + 1 < place.start and any(self._tokens[i].text == "," for i in range(start, place.start))
        content = self._content_before(place, floor, start + 1) if is_comma else None
        if content and is_only:
            content.is_only = True
        return content if content and content.instruments else None

    def _is_neutral(self, index: int) -> bool:
        match = self._match_at.get(index)
        return match is not None and (match.kind in NEUTRAL_KINDS or match.value_of(PhraseKind.EXCLUSIVITY) is not None)

    def _words_of_verb(self, start: int, end: int) -> list[PhraseMatch]:
        """Return the phrases within a verb, which describe nothing else: "silent" in "is silent"."""
        inside = (self._match_at.get(index) for index in range(start, end))
        return [match for match in inside if match is not None and start <= match.start and match.end <= end]

    def _verb_at(self, index: int) -> tuple[int, str] | None:
        """Return the start and the meaning of a verb whose last token is at an index."""
        return self._verb_ends.get(index)


def _is_limit(match: PhraseMatch) -> bool:
    return match.value_of(PhraseKind.EXCLUSIVITY) is not None or normalize(match.text) in ALL_BUT


def _merged(first: Content | None, second: Content | None) -> Content | None:
    if first is None or second is None:
        return first or second
    second.matches += first.matches
    return second
