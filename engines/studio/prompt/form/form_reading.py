"""Reads the form that a prompt describes: tags, sequences, requirements for a range, sections that are left out."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from engines.studio.model.form_request import (
    Extent,
    FormRequest,
    ScopedRequest,
    SectionRequest,
    TimePoint,
    TrackRange,
    form_request_of_features,
)
from engines.studio.prompt import exclusivity
from engines.studio.prompt.explicit_controls import ExplicitValues
from engines.studio.prompt.form import place_targets, places, sections, sequence
from engines.studio.prompt.form.scoped_phrases import ScopedPhrases
from engines.studio.prompt.mentions import Scanner
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.values import Values

OMISSIBLE: Final = frozenset({"intro", "verse", "prechorus", "chorus", "bridge", "drop", "break", "solo", "outro"})
OMITTED_KINDS: Final = frozenset({PhraseKind.SECTION, PhraseKind.FORM, PhraseKind.EXCLUSIVITY})
COURSES: Final = frozenset({"build", "fall", "fade", "fade_in"})
MAX_LENGTH_DISTANCE: Final = 3
"""The most tokens between a length and its section: "30 second ambient intro"."""


@dataclass(frozen=True, slots=True)
class FormReading:
    """The form of a prompt.

    ``elsewhere`` are the start indexes of phrases that describe one section, ``markers`` the markers of exclusivity for
    the whole track, ``known`` the token indexes that were read; ``solo_range`` is where a solo is, ``mentioned`` are
    sections without a description.
    """

    sections: tuple[SectionRequest, ...]
    scoped: tuple[ScopedRequest, ...]
    absent: tuple[str, ...]
    elsewhere: frozenset[int]
    markers: tuple[PhraseMatch, ...]
    known: frozenset[int]
    solo_range: TrackRange | None = None
    mentioned: tuple[str, ...] = ()


def read_form(scanner: Scanner, phrases: ScopedPhrases, values: Values, requirements: Requirements) -> FormReading:
    """Read the sections and scoped requirements of a prompt, and report the phrases that describe them as used."""
    scopes, negations = phrases.scopes, phrases.negations
    for text in scopes.phrases:
        requirements.use(Level.FORM, text)
    if values.dynamics:
        requirements.use(Level.FORM, values.dynamics.text)
        requirements.form_features |= dict.fromkeys(values.dynamics.value)
    for match in scopes.included:
        requirements.include_in_section(str(match.value), match.text)
    matches = [match for match in phrases.matches if match.start not in scopes.consumed]
    markers = exclusivity.find_exclusivity_markers(scanner.tokens, matches)
    steps = _steps(scanner, matches, values)
    read = sequence.sections_of_tags if values.tags else sequence.sections_of_steps
    found = read(steps, matches, negations, markers)
    absent, omitted = _absent_sections(matches, negations, requirements)
    lengths, of_lengths = _section_lengths(scanner, matches, values, requirements)
    known = scopes.known | of_lengths | (_verbs_after_instruments(scanner, matches) if found else frozenset())
    elsewhere = scopes.consumed | omitted | _adverbs(matches, requirements)
    if found:
        words = sequence.words_of(steps, matches)
        for text in (*(step.marker for step in steps if step.marker), *(word.text for word in words)):
            requirements.use(Level.FORM, text)
        explicit = [step for step in steps if step.is_explicit]
        inside = {mark.start for mark in markers if any(step.start <= mark.start < step.end for step in explicit)}
        markers = [marker for marker in markers if marker.start not in inside]
        elsewhere |= {word.start for word in words}
    scoped = (*scopes.requests, *lengths)
    mentioned = [] if found else _mentioned_sections(matches, known | omitted, requirements)
    return FormReading(
        found, scoped, absent, elsewhere, tuple(markers), known, scopes.solo_range, tuple(dict.fromkeys(mentioned))
    )


def _mentioned_sections(
    matches: Sequence[PhraseMatch], read: Container[int], requirements: Requirements
) -> Iterator[str]:
    for match in sequence.find_mentioned(matches):
        if match.start not in read:
            requirements.use(Level.FORM, match.text)
            yield str(match.value)


def _adverbs(matches: Sequence[PhraseMatch], requirements: Requirements) -> set[int]:
    """Return the start indexes of tempo words that describe a course ("builds up slowly"), not the tempo."""
    found: set[int] = set()
    for first, second in pairwise(matches):
        for word, course in ((first, second), (second, first)):
            is_course = course.kind is PhraseKind.FORM and course.value in COURSES
            if is_course and word.kind is PhraseKind.TEMPO and first.end == second.start:
                found.add(word.start)
                requirements.use(Level.FORM, word.text)
    return found


def _steps(scanner: Scanner, matches: Sequence[PhraseMatch], values: Values) -> list[sequence.Step]:
    if values.tags:
        return [sequence.Step(tag.value.name, tag.value.start, tag.value.end) for tag in values.tags]
    return sequence.find_steps(matches, len(scanner.tokens))


def _verbs_after_instruments(scanner: Scanner, matches: Sequence[PhraseMatch]) -> frozenset[int]:
    """Return the tokens of verbs directly after an instrument of a sequence: "then drums join"."""
    found: set[int] = set()
    for match in matches:
        verb = places.presence_at(scanner, match.end) if match.kind is PhraseKind.INSTRUMENT else None
        found.update(range(match.end, verb[0]) if verb else ())
    return frozenset(found)


def _absent_sections(
    matches: Sequence[PhraseMatch], negations: Negations, requirements: Requirements
) -> tuple[tuple[str, ...], set[int]]:
    """Return the sections that a prompt excludes ("no bridge"), and the start indexes of these phrases."""
    names: list[str] = []
    starts: set[int] = set()
    for number, match in enumerate(matches):
        name = match.value_of(PhraseKind.SECTION) or match.value_of(PhraseKind.FORM)
        before = matches[number - 1] if number else None
        is_soloist = before is not None and before.kind is PhraseKind.INSTRUMENT and before.end == match.start
        soloist = {before.start} if before and is_soloist and name == "solo" else set()
        is_negated = negations.is_negated(before if before and soloist else match)
        if name not in OMISSIBLE or match.kind not in OMITTED_KINDS or not is_negated:
            continue
        names.append(str(name))
        starts.add(match.start)
        starts |= soloist
        requirements.use(Level.FORM, f"no {match.text}")
    return tuple(dict.fromkeys(names)), starts


def _section_lengths(
    scanner: Scanner, matches: Sequence[PhraseMatch], values: Values, requirements: Requirements
) -> tuple[list[ScopedRequest], frozenset[int]]:
    """Return the lengths of sections ("30 second intro", "intro for 8 bars"), and the tokens of lengths in bars.

    They are no length of the track.
    """
    found: list[ScopedRequest] = []
    known: set[int] = set()
    read = {index for match in matches for index in range(match.start, match.end)}
    sections_named = [match for match in matches if match.value_of(PhraseKind.SECTION) in OMISSIBLE]
    for start, end, length in _lengths(scanner, values):
        section = next((match for match in sections_named if _is_section_of(match, start, end, read)), None)
        if section is None:
            continue
        values.lengths[:] = [mention for mention in values.lengths if mention.start != start]
        name = str(section.value_of(PhraseKind.SECTION))
        requirements.use(Level.FORM, scanner.text.slice(min(start, section.start), max(end, section.end)))
        request = SectionRequest(name, length=length)
        found.append(ScopedRequest(TrackRange(Extent.WITHIN, name, 1), request))
        known.update(range(start, end))
    return found, frozenset(known)


def _lengths(scanner: Scanner, values: Values) -> Iterator[tuple[int, int, TimePoint]]:
    """Yield the token range and the length of all lengths in seconds and in bars."""
    yield from ((one.start, one.end, TimePoint(0.0, one.value.seconds)) for one in list(values.lengths))
    for index in range(len(scanner.tokens)):
        bars = place_targets.read_bars(scanner, index)
        if bars:
            yield index, bars[1], TimePoint(0.0, bars=bars[0])


def _is_section_of(match: PhraseMatch, start: int, end: int, known: Container[int]) -> bool:
    """Return whether a length lies before or after a section, with known words between them."""
    gap = range(end, match.start) if match.start >= end else range(match.end, start)
    return len(gap) <= MAX_LENGTH_DISTANCE and all(index in known for index in gap)


def build_form(
    requirements: Requirements,
    form: FormReading,
    values: Values,
    explicit_values: ExplicitValues,
    lyrics: str | None,
) -> FormRequest:
    """Build the form: explicit sections, then tags in the prompt and in the lyrics, lists, sequences and solos."""
    order = values.themes[0].value if values.themes else None
    listed = tuple(map(SectionRequest, values.lists[0].value)) if values.lists else ()
    in_lyrics = tuple(map(SectionRequest, sections.tags_of_lyrics(lyrics or "")))
    soloists, mentioned = requirements.solo_sections, form.mentioned
    solos = sequence.form_with_solos(soloists, form.solo_range, mentioned) if soloists else ()
    tagged = form.sections if values.tags else ()
    found = (
        explicit_values.sections
        or tagged
        or in_lyrics
        or listed
        or form.sections
        or solos
        or sequence.form_with_sections(mentioned)
    )
    count = values.counts[0].value if values.counts and not found else None
    form_request = form_request_of_features(requirements.form_features, order)
    has_outro = form_request.has_outro and "outro" not in form.absent
    return replace(
        form_request, sections=found, section_count=count, scoped=form.scoped, absent=form.absent, has_outro=has_outro
    )
