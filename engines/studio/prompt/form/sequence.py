"""Builds requested sections from their names, and from sequences such as "starts with piano, then drums"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from engines.studio.model.form_request import SectionRequest, TrackRange
from engines.studio.model.song_form import needed_sections, song_form, with_solo
from engines.studio.prompt.exclusivity import SOLO, is_solo_section
from engines.studio.prompt.form.section_words import energy_of, transformations_of
from engines.studio.prompt.form.sections import MAX_SECTIONS, PART
from engines.studio.prompt.instrument_concepts import excluded_instruments, known_instrument, without_percussion
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, PhraseKind, PhraseMatch

ORDERS: Final = frozenset({"first", "then", "last"})
MARKER_KINDS: Final = frozenset(kind for kind in PhraseKind if kind >= PhraseKind.POSITION)
DRUMS, MELODY = "drums", "melody"
ARTICLES: Final = frozenset({"a", "an", "ein", "eine", "einer", "un", "uno", "une", "una", "um", "uma", "een"})
OPTIONAL_SECTIONS: Final = frozenset({"prechorus", "bridge"})
"""Sections that the forms of many styles lack."""
SKIPPED_KINDS: Final = frozenset({PhraseKind.STOP_WORD, PhraseKind.FILLER})
PLACE_KINDS: Final = frozenset({PhraseKind.POSITION, PhraseKind.SECTION})
MAX_PLACE_DISTANCE: Final = 3
"""The most tokens between a solo and its place: "solo in the middle"."""
CHORUS: Final = "chorus"


@dataclass(frozen=True, slots=True)
class Step:
    """A section that words describe: its name, its range of token indexes, and the words that announce it."""

    name: str
    start: int
    end: int
    marker: str = ""
    is_explicit: bool = True


def find_steps(matches: Sequence[PhraseMatch], token_count: int) -> list[Step]:
    """Return the steps into which "first", "then" and "finally" divide a prompt; none if there is only one."""
    markers = [match for match in matches if _order(match) is not None][:MAX_SECTIONS]
    is_weak = len(markers) == 1 and _order(markers[0]) == "first" and markers[0].end - markers[0].start == 1
    if not markers or is_weak:
        return []
    steps = []
    if _order(markers[0]) != "first":
        name = _section_between(matches, 0, markers[0].start)
        steps.append(Step(name, 0, markers[0].start, is_explicit=False))
    for match, following in zip(markers, [*markers[1:], None], strict=True):
        end = following.start if following else token_count
        if end > match.end:
            name = _section_between(matches, match.end, end)
            steps.append(Step(name, match.end, end, match.text))
    if len(steps) == 1:
        steps.append(Step(PART, token_count, token_count, is_explicit=False))
    return steps


def _order(match: PhraseMatch) -> str | None:
    order = match.value_of(PhraseKind.SEQUENCE)
    return str(order) if order in ORDERS and match.kind in MARKER_KINDS else None


def _section_between(matches: Sequence[PhraseMatch], start: int, end: int) -> str:
    """Return the name of the first section in a range of token indexes; "solo" after an instrument is one."""
    for number, match in enumerate(matches):
        name = match.value_of(PhraseKind.SECTION)
        before = matches[number - 1] if number else None
        is_solo = (
            name == SOLO and before is not None and before.kind is PhraseKind.INSTRUMENT and is_solo_section(match)
        )
        if start <= match.start < end and name and (match.kind is not PhraseKind.EXCLUSIVITY or is_solo):
            return str(name)
    return PART


def sections_of_steps(
    steps: Sequence[Step], matches: Sequence[PhraseMatch], negations: Negations, markers: Sequence[PhraseMatch]
) -> tuple[SectionRequest, ...]:
    """Return the sections of the steps; none if no step says more than its style.

    ``markers`` are words such as "only"; they apply to the step in which they occur.
    """
    sections = [
        _describe(SectionRequest(step.name), step.start, step.end, matches, negations, markers)
        if step.is_explicit
        else SectionRequest(step.name)
        for step in steps
    ]
    return tuple(sections) if any(section != SectionRequest(PART) for section in sections) else ()


def sections_of_tags(
    tags: Sequence[Step], matches: Sequence[PhraseMatch], negations: Negations, markers: Sequence[PhraseMatch]
) -> tuple[SectionRequest, ...]:
    """Return the sections of tags with what they say about them: "[Intro: soft piano]"."""
    return tuple(_describe(SectionRequest(tag.name), tag.start, tag.end, matches, negations, markers) for tag in tags)


def words_of(steps: Sequence[Step], matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the words for mood, energy and tempo that describe one section."""
    ranges = [range(step.start, step.end) for step in steps if step.is_explicit]
    return [
        match for match in matches if match.kind in ADJECTIVE_KINDS and any(match.start in scope for scope in ranges)
    ]


def _describe(
    section: SectionRequest,
    start: int,
    end: int,
    matches: Sequence[PhraseMatch],
    negations: Negations,
    markers: Sequence[PhraseMatch],
) -> SectionRequest:
    own = [match for match in matches if start <= match.start < end]
    instruments = [match for match in own if match.kind is PhraseKind.INSTRUMENT]
    included = [known_instrument(str(match.value)) for match in instruments if not negations.is_negated(match)]
    excluded = [
        name for match in instruments if negations.is_negated(match) for name in excluded_instruments(str(match.value))
    ]
    return replace(
        section,
        energy=energy_of(own, negations),
        included=tuple(dict.fromkeys(name for name in included if name)),
        excluded=without_percussion([name for name in included if name], excluded),
        is_solo=any(start <= marker.start < end for marker in markers),
        transformations=transformations_of(own, negations),
    )


def find_solos(matches: Sequence[PhraseMatch], *, has_place: bool = False) -> list[tuple[str, PhraseMatch]]:
    """Return the instruments of solo sections, and the word for the solo of each: "guitar solo", "solo de guitarra".

    ``has_place`` is whether a solo is placed: "solo after the second chorus".
    """
    found = []
    for first, second in pairwise(matches):
        is_adjacent = first.end == second.start
        for solo, player in ((second, first), (first, second)):
            is_solo = solo.value_of(PhraseKind.SECTION) == SOLO and solo.kind is not PhraseKind.FORM
            is_clear = is_solo_section(solo) if solo is second else solo.kind is PhraseKind.SECTION
            instrument = known_instrument(str(player.value)) if player.kind is PhraseKind.INSTRUMENT else None
            if is_adjacent and is_solo and is_clear and instrument:
                found.append((instrument, solo))
    return found or _solos_of_melody(matches, has_place=has_place)


def _solos_of_melody(matches: Sequence[PhraseMatch], *, has_place: bool) -> list[tuple[str, PhraseMatch]]:
    """Return "a solo" and "solo in the middle", in which the melody plays, because no instrument is named."""
    for number, solo in enumerate(matches):
        if solo.value_of(PhraseKind.SECTION) != SOLO or solo.kind is PhraseKind.FORM:
            continue
        before = matches[number - 1] if number else None
        after = [match for match in matches[number + 1 :] if match.kind not in SKIPPED_KINDS][:1]
        is_article = before is not None and before.end == solo.start and before.text in ARTICLES
        is_placed = has_place or any(
            match.kind in PLACE_KINDS and match.start - solo.end <= MAX_PLACE_DISTANCE for match in after
        )
        is_player = any(match.kind is PhraseKind.INSTRUMENT and match.start == solo.end for match in after)
        if (is_article or is_placed) and not is_player:
            return [(MELODY, solo)]
    return []


def find_mentioned(matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the words for optional sections that a prompt names without a description: "pop with a bridge"."""
    return [
        section
        for article, section in pairwise(matches)
        if section.kind is PhraseKind.SECTION
        and section.value in OPTIONAL_SECTIONS
        and article.text in ARTICLES
        and article.end == section.start
    ]


def form_with_sections(names: Sequence[str]) -> tuple[SectionRequest, ...]:
    """Return a form that has these sections; none without names."""
    return tuple(map(SectionRequest, song_form(needed_sections([(name, 1) for name in names])))) if names else ()


def form_with_solos(
    instruments: Sequence[str], place: TrackRange | None, mentioned: Sequence[str] = ()
) -> tuple[SectionRequest, ...]:
    """Return a form with solos after the first chorus, or where the prompt places them. Drums play theirs alone.

    ``mentioned`` are other sections that the form has.
    """
    section, ordinal = (place.section, place.ordinal) if place and place.section else (CHORUS, 1)
    needed = needed_sections([(section, ordinal), *((name, 1) for name in mentioned)])
    base = list(song_form(needed, rounds=2 if mentioned else 1))
    names = with_solo(base, section, len(base) if ordinal == -1 else ordinal or 1)
    solos = [SectionRequest(SOLO, included=(name,), is_solo=name == DRUMS) for name in instruments]
    index = names.index(SOLO)
    return (*map(SectionRequest, names[:index]), *solos, *map(SectionRequest, names[index + 1 :]))
