"""Reads requirements for a range of the track: "no drums until the second chorus", "bridge with only piano"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.model.form_request import Extent, ScopedRequest, SectionRequest, TrackRange
from engines.studio.prompt.exclusivity import SOLO
from engines.studio.prompt.form.content_finder import ContentFinder
from engines.studio.prompt.form.places import Place, bare_section
from engines.studio.prompt.form.scope_content import Content
from engines.studio.prompt.form.section_words import energy_of, transformations_of
from engines.studio.prompt.instrument_concepts import excluded_instruments, known_instrument, without_percussion
from engines.studio.prompt.mentions import Scanner
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind, PhraseMatch

ENTER, LEAVE = "enter", "leave"
LONG_INTRO: Final = "long_intro"
BARE_SECTIONS: Final = frozenset({"intro", "verse", "prechorus", "chorus", "bridge", "outro"})
"""Sections that words may describe without "in"; a drop, a break and a solo are highlights of the form."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scoped requirements of a prompt.

    ``phrases`` are the texts from which they were read, ``consumed`` the start indexes of phrases that belong to them,
    ``included`` the instruments among these, ``known`` all token indexes, and
    ``used_places`` the places with content. ``solo_range`` is where a solo is: "guitar solo after the second chorus".
    """

    requests: tuple[ScopedRequest, ...] = ()
    phrases: tuple[str, ...] = ()
    consumed: frozenset[int] = frozenset()
    included: tuple[PhraseMatch, ...] = ()
    known: frozenset[int] = frozenset()
    used_places: tuple[Place, ...] = ()
    solo_range: TrackRange | None = None


class ScopeReader:
    """Assigns phrases to the places of a prompt.

    Phrases before a place belong to it ("no drums until the second chorus"); if there are none, those after it do ("in
    the intro only piano"). Punctuation separates clauses.
    """

    def __init__(
        self, scanner: Scanner, matches: Sequence[PhraseMatch], negations: Negations, places: Sequence[Place]
    ) -> None:
        self._scanner, self._negations, self._matches = scanner, negations, matches
        self._finder = ContentFinder(scanner, matches, negations)
        covered = {index for place in places for index in range(place.start, place.end)}
        bare = [self._bare_place(match) for match in matches if self._is_bare(match, covered)]
        self._places = sorted([*places, *(place for place in bare if place)], key=lambda place: place.start)

    def read(self) -> Scopes:
        """Return the scoped requirements in the order of their places."""
        requests, spans, used, included = [], [], [], []
        consumed: set[int] = set()
        solo: Place | None = None
        for number, place in enumerate(self._places):
            if self._is_after_solo(place):
                solo = place
                continue
            floor = self._places[number - 1].end if number else 0
            following = self._places[number + 1].start if number + 1 < len(self._places) else len(self._scanner.tokens)
            content = self._finder.find(place, floor, following)
            if content is None:
                continue
            self._finder.taken |= content.starts
            consumed |= content.starts
            request = self._request(place, content)
            requests += [request] if _has_effect(request.request) else []
            positive = [match for match in content.instruments if not self._is_excluded(match, content)]
            is_absent = content.verb == LEAVE and place.range.extent is not Extent.UNTIL
            included += [] if is_absent else positive
            spans.append(self._span(place, content))
            used.append(place)
        known = frozenset(index for span in spans for index in range(*span))
        features = {
            match.start
            for match in self._matches
            if match.kind is PhraseKind.FORM and match.start in known and match.value != LONG_INTRO
        }
        phrases = tuple(self._scanner.text.slice(*span) for span in spans)
        used += [solo] if solo else []
        known |= set(range(solo.start, solo.end)) if solo else set()
        solo_range = solo.range if solo else None
        read = tuple(requests), phrases, frozenset(consumed | features), tuple(included)
        return Scopes(*read, known, tuple(used), solo_range)

    def _span(self, place: Place, content: Content) -> tuple[int, int]:
        """Return the range of token indexes of a place and its phrases, with the negation before them."""
        phrases = (*content.matches, *content.others)
        start = min([place.start, *(match.start for match in phrases)])
        before = self._finder.phrase_before(start)
        is_negation = before is not None and before.value_of(PhraseKind.NEGATION) is not None
        first = before.start if before is not None and is_negation else start
        return first, max([place.end, content.end, *(match.end for match in phrases)])

    def _is_after_solo(self, place: Place) -> bool:
        """Return whether a place with a section follows a solo: "guitar solo after the second chorus"."""
        before = self._finder.phrase_before(place.start)
        if before is None or before.value_of(PhraseKind.SECTION) != SOLO or not place.is_bound:
            return False
        player = self._finder.phrase_before(before.start)
        is_alone = (
            player is not None and player.kind is PhraseKind.INSTRUMENT and not self._finder.is_after_instrument(before)
        )
        return place.range.section is not None and not is_alone

    def _bare_place(self, match: PhraseMatch) -> Place | None:
        """Return the place of a section that a phrase names or contains ("long intro")."""
        found = (bare_section(self._scanner, index) for index in range(match.start, match.end))
        return next((place for place in found if place), None)

    def _is_bare(self, match: PhraseMatch, covered: set[int]) -> bool:
        is_section = match.kind is PhraseKind.SECTION and match.value in BARE_SECTIONS
        is_section = is_section or (match.kind is PhraseKind.FORM and match.value == LONG_INTRO)
        return is_section and match.start not in covered

    def _is_excluded(self, match: PhraseMatch, content: Content) -> bool:
        return match.kind is PhraseKind.EXCLUSION or content.is_negated or self._negations.is_negated(match)

    def _request(self, place: Place, content: Content) -> ScopedRequest:
        is_open = place.range.extent is not Extent.WITHIN
        scope = _with_extent(place.range, place.range.extent) if is_open else place.range
        included, excluded = self._instruments(content)
        words = [match for match in content.matches if match.kind in ADJECTIVE_KINDS]
        energy, changes = energy_of(words, self._negations), transformations_of(words, self._negations)
        section = SectionRequest(
            scope.section or "", energy, included, excluded, content.is_solo and bool(included), changes
        )
        if content.verb == LEAVE:
            return self._leaving(scope, section, is_all_but=content.is_all_but)
        if content.verb == ENTER and not excluded:
            scope = _with_extent(scope, Extent.FROM) if scope.extent is Extent.WITHIN else scope
            return ScopedRequest(scope, section, is_only=True)
        if scope.extent is Extent.UNTIL and excluded and not included:
            return ScopedRequest(_with_extent(scope, Extent.FROM), _swapped(section), is_only=True)
        is_limit = content.is_only or (is_open and not section.is_solo)
        return ScopedRequest(scope, section, is_only=bool(included) and is_limit)

    def _leaving(self, scope: TrackRange, section: SectionRequest, *, is_all_but: bool) -> ScopedRequest:
        """Return the requirement of "drums drop out in the bridge" or, negated, "don't stop until the end"."""
        if section.excluded and is_all_but:  # "everything except the piano drops out"
            return ScopedRequest(scope, replace(_swapped(section), is_solo=True))
        if section.excluded:
            return ScopedRequest(scope, _swapped(section), is_only=True)
        if scope.extent is Extent.UNTIL:  # "strings wait until the bridge"
            return ScopedRequest(_with_extent(scope, Extent.FROM), section, is_only=True)
        return ScopedRequest(scope, replace(_swapped(section), is_solo=False))

    def _instruments(self, content: Content) -> tuple[tuple[str, ...], tuple[str, ...]]:
        included: list[str] = []
        excluded: list[str] = []
        for match in sorted(content.instruments, key=lambda match: match.start):
            concept = str(match.value_of(PhraseKind.INSTRUMENT) or match.value_of(PhraseKind.EXCLUSION))
            name = known_instrument(concept)
            if self._is_excluded(match, content):
                excluded.extend(excluded_instruments(concept))
            elif name is not None:
                included.append(name)
        return tuple(dict.fromkeys(included)), without_percussion(included, excluded)


def _has_effect(section: SectionRequest) -> bool:
    """Return whether a request changes anything; the exclusion of what nothing plays does not."""
    has_instruments = bool(section.included or section.excluded)
    return has_instruments or section.energy is not None or bool(section.transformations)


def _with_extent(scope: TrackRange, extent: Extent) -> TrackRange:
    """Return the range that lies differently to the same place; every chorus becomes the first one."""
    ordinal = scope.ordinal or (1 if scope.section else None)
    return replace(scope, extent=extent, ordinal=ordinal)


def _swapped(section: SectionRequest) -> SectionRequest:
    return replace(section, included=section.excluded, excluded=section.included)
