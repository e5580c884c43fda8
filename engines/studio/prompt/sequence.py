"""Builds requested sections from their names, and from sequences such as "starts with piano, then drums"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from engines.studio.model.form_request import SectionRequest
from engines.studio.prompt.exclusivity import is_solo_section
from engines.studio.prompt.instrument_concepts import excluded_instruments, known_instrument, without_percussion
from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrase_meanings import WORDS
from engines.studio.prompt.phrases import PhraseKind, PhraseMatch
from engines.studio.prompt.sections import PART, NamedSection
from engines.studio.prompt.text.tokens import Token

ORDERS: Final = frozenset({"first", "then", "last"})
MARKER_KINDS: Final = frozenset(kind for kind in PhraseKind if kind >= PhraseKind.POSITION)
DRUMS: Final = "drums"
SOLO: Final = "solo"
MEAN_ENERGY, MOOD_FACTOR, ENERGY_FACTOR, TEMPO_FACTOR = 0.5, 1.6, 1.2, 0.2
"""The energy of a section that words describe: moods, energy and tempo words shift it."""


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
    markers = [match for match in matches if _order(match) is not None]
    is_weak = len(markers) == 1 and _order(markers[0]) == "first" and markers[0].end - markers[0].start == 1
    if not markers or is_weak:
        return []
    steps = []
    if _order(markers[0]) != "first":
        steps.append(Step(PART, 0, markers[0].start, is_explicit=False))
    for match, following in zip(markers, [*markers[1:], None], strict=True):
        end = following.start if following else token_count
        if end > match.end:
            name = next(
                (_section(other) for other in matches if match.end <= other.start < end and _section(other)), PART
            )
            steps.append(Step(name or PART, match.end, end, match.text))
    if len(steps) == 1:
        steps.append(Step(PART, token_count, token_count, is_explicit=False))
    return steps


def _order(match: PhraseMatch) -> str | None:
    order = match.value_of(PhraseKind.SEQUENCE)
    return str(order) if order in ORDERS and match.kind in MARKER_KINDS else None


def _section(match: PhraseMatch) -> str | None:
    name = match.value_of(PhraseKind.SECTION)
    return str(name) if name is not None and match.kind is not PhraseKind.EXCLUSIVITY else None


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
    tags: Sequence[NamedSection], matches: Sequence[PhraseMatch], negations: Negations, markers: Sequence[PhraseMatch]
) -> tuple[SectionRequest, ...]:
    """Return the sections of tags with what they say about them: "[Intro: soft piano]"."""
    return tuple(_describe(SectionRequest(tag.name), tag.start, tag.end, matches, negations, markers) for tag in tags)


def words_of(steps: Sequence[Step], matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the words for mood, energy and tempo that describe one section."""
    ranges = [range(step.start, step.end) for step in steps if step.is_explicit]
    return [match for match in matches if match.kind in WORDS and any(match.start in scope for scope in ranges)]


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
    shifts = list(_energy_shifts(own, negations))
    return replace(
        section,
        energy=max(0.1, min(1.0, MEAN_ENERGY + sum(shifts))) if shifts else None,
        included=tuple(dict.fromkeys(name for name in included if name)),
        excluded=without_percussion([name for name in included if name], excluded),
        is_solo=any(start <= marker.start < end for marker in markers),
        transformations={
            str(value): 1.0
            for match in own
            if (value := match.value_of(PhraseKind.TRANSFORMATION)) is not None and not negations.is_negated(match)
        },
    )


def _energy_shifts(matches: Sequence[PhraseMatch], negations: Negations) -> Iterator[float]:
    for match in matches:
        sign = -0.5 if negations.is_negated(match) else 1.0
        mood, energy = match.value_of(PhraseKind.MOOD), match.value_of(PhraseKind.ENERGY)
        tempo = match.value_of(PhraseKind.TEMPO)
        if match.kind not in WORDS:
            continue
        if mood is not None:
            yield sign * MOOD_FACTOR * MOOD_ENERGY[str(mood)]
        if energy is not None:
            yield sign * ENERGY_FACTOR * float(energy)
        if tempo is not None:
            yield sign * TEMPO_FACTOR * float(tempo)


def find_solos(tokens: Sequence[Token], matches: Sequence[PhraseMatch]) -> list[tuple[str, PhraseMatch]]:
    """Return the instruments of solo sections, and the word "solo" after each: "a guitar solo"."""
    found = []
    for previous, match in pairwise(matches):
        is_solo = match.value_of(PhraseKind.SECTION) == SOLO and match.kind is not PhraseKind.FORM
        if is_solo and previous.kind is PhraseKind.INSTRUMENT and previous.end == match.start:
            instrument = known_instrument(str(previous.value))
            if instrument and is_solo_section(tokens, previous):
                found.append((instrument, match))
    return found


def form_with_solos(instruments: Sequence[str]) -> tuple[SectionRequest, ...]:
    """Return a form with solos before the last chorus. Drums play theirs alone."""
    solos = [SectionRequest(SOLO, included=(name,), is_solo=name == DRUMS) for name in instruments]
    names = ("intro", "verse", "chorus")
    return (*map(SectionRequest, names), *solos, SectionRequest("chorus"), SectionRequest("outro"))
