"""Realises requirements for ranges of a track: finds the ranges in a plan, and lets parts play or rest there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.arranging.requested_sections import dynamic_energy
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import KIT_PIECES
from engines.studio.model.composition import LAST_CHORD, Note, Plan, Section
from engines.studio.model.form_request import Extent, ScopedRequest, SectionRequest, TimePoint, TrackRange
from engines.studio.model.song_form import role_of
from engines.studio.model.style import Part
from engines.studio.orchestration.part_changes import matches

Span = tuple[float, float]
"""The start and the end of a range in quarter notes."""
Keys = frozenset[int] | None
"""The General MIDI keys of a piece of a kit; None means a whole part."""
AROUND: Final = 0.12
"""The share of a track before and after a position that "in the middle" means."""
LAST_THIRD: Final = 0.6
"""From this position on, a range begins LEAD before it: "at the end" begins earlier than the last note."""
LEAD: Final = 0.1
HELD_BEATS: Final = 4.0
"""Quarter notes from which on a note is held: it enters at the end of a rest in which it would start."""
TOLERANCE: Final = 0.02
"""Quarter notes by which a note may start before its range."""


@dataclass(frozen=True, slots=True)
class ResolvedScope:
    """A scoped request and the ranges of a plan that it means, in order; none if the plan has no such section."""

    scoped: ScopedRequest
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """A range in which a part rests, or the piece of its kit with these keys."""

    span: Span
    keys: Keys = None


def resolve(requests: Sequence[ScopedRequest], plan: Plan, bar: float) -> tuple[ResolvedScope, ...]:
    """Find the ranges of scoped requests in a plan. Times are rounded to bars of ``bar`` quarter notes."""
    return tuple(ResolvedScope(one, tuple(_spans(one.range, plan, bar))) for one in requests)


def _spans(scope: TrackRange, plan: Plan, bar: float) -> Iterable[Span]:
    if scope.section is not None:
        yield from _section_spans(scope, plan)
        return
    if scope.time is None:
        return
    if scope.extent is Extent.WITHIN:
        share = scope.time.share
        yield _rounded((share - AROUND) * plan.beats, plan, bar), _rounded((share + AROUND) * plan.beats, plan, bar)
        return
    start, end = _beat(scope.time, plan, bar), _beat(scope.end, plan, bar) if scope.end else plan.beats
    if start < plan.beats:
        yield (0.0, start) if scope.extent is Extent.UNTIL else (start, end)


def _beat(time: TimePoint, plan: Plan, bar: float) -> float:
    if time.seconds is None and time.bars is None and time.share >= LAST_THIRD:
        return _rounded((time.share - LEAD) * plan.beats, plan, bar)
    seconds = time.seconds_of(plan.beats * 60.0 / plan.tempo, bar * 60.0 / plan.tempo)
    return _rounded(seconds * plan.tempo / 60.0, plan, bar)


def _rounded(beat: float, plan: Plan, bar: float) -> float:
    return max(0.0, min(plan.beats, round(beat / bar) * bar))


def _section_spans(scope: TrackRange, plan: Plan) -> Iterable[Span]:
    found = spans_of_sections(plan.sections, scope.section or "")
    if scope.ordinal is not None:
        index = scope.ordinal - 1 if scope.ordinal > 0 else len(found) + scope.ordinal
        found = found[index : index + 1] if index >= 0 else []
    for start, end in found if scope.extent is Extent.WITHIN else found[:1]:
        match scope.extent:
            case Extent.WITHIN:
                is_last = plan.sections[-1].name == LAST_CHORD and end >= plan.sections[-1].start
                yield start, plan.beats if is_last else end
            case Extent.FROM:
                yield start, plan.beats
            case Extent.AFTER:
                yield end, plan.beats
            case Extent.UNTIL:
                yield 0.0, start


def spans_of_sections(sections: Sequence[Section], name: str) -> list[Span]:
    """Return the ranges of the sections with a role; neighbours that no request separates are one section."""
    spans: list[Span] = []
    previous: Section | None = None
    for section in sections:
        if section.name != LAST_CHORD and role_of(section.name) == name:
            is_same = previous is not None and previous.name == section.name and section.requested is None
            if is_same and spans:
                spans[-1] = spans[-1][0], section.end
            else:
                spans.append((section.start, section.end))
        previous = section
    return spans


def with_scoped_requests(plan: Plan, scopes: Sequence[ResolvedScope]) -> Plan:
    """Let included instruments play in the sections that a range overlaps, and change the energies within ranges."""
    sections = []
    for section in plan.sections:
        changed = section
        for scope in scopes:
            if section.name != LAST_CHORD and any(_overlaps(section, span) for span in scope.spans):
                changed = _with_request(changed, scope)
        sections.append(changed)
    return replace(plan, sections=tuple(sections))


def _overlaps(section: Section, span: Span) -> bool:
    return min(section.end, span[1]) - max(section.start, span[0]) > TOLERANCE


def _with_request(section: Section, scope: ResolvedScope) -> Section:
    own, other = section.requested or SectionRequest(role_of(section.name)), scope.scoped.request
    middle = (section.start + section.end) / 2
    merged = replace(own, included=(*own.included, *other.included))
    if any(start <= middle < end for start, end in scope.spans):
        merged = replace(merged, transformations={**own.transformations, **other.transformations})
        energy = other.energy if other.energy is not None else section.energy
        energy = max(0.05, min(1.0, energy + (dynamic_energy(other) if other.energy is None else 0.0)))
        return replace(section, energy=energy, requested=merged)
    return replace(section, requested=merged)


def rests(part: Part, scopes: Sequence[ResolvedScope], beats: float) -> list[Rest]:
    """Return the ranges in which a part, or a piece of its kit, does not play."""
    found: list[Rest] = []
    allowed: dict[Keys, list[Span]] = {}
    limited: set[Keys] = set()
    for scope in scopes:
        request = scope.scoped.request
        included = _targets(part, request.included)
        silent = _targets(part, request.excluded)
        if request.is_solo and None not in included:
            others = CATALOGUE[part.instrument].kit_keys.difference(*(keys or () for keys in included))
            silent.append(others if included else None)
        found += [Rest(span, keys) for keys in silent for span in scope.spans]
        for keys in included:
            allowed.setdefault(keys, []).extend(scope.spans)
            limited |= {keys} if scope.scoped.is_only and scope.spans else set()
    return [*found, *(Rest(span, keys) for keys in limited for span in _complement(allowed[keys], beats))]


def _targets(part: Part, names: Iterable[str]) -> list[Keys]:
    """Return what names mean of a part: pieces of its kit by their keys, or None for all of it."""
    return [KIT_PIECES.get(name) for name in names if matches(part, name)]


def _complement(spans: Sequence[Span], beats: float) -> Iterable[Span]:
    start = 0.0
    for first, last in sorted(spans):
        if first > start:
            yield start, first
        start = max(start, last)
    if start < beats:
        yield start, beats + 1.0


def with_rests(notes: Iterable[Note], found: Sequence[Rest]) -> list[Note]:
    """Leave out the notes that start in a rest, and end those that last into one. Held notes enter after it."""
    if not found:
        return list(notes)
    result = []
    for note in notes:
        own = sorted(rest.span for rest in found if rest.keys is None or note.pitch in rest.keys)
        start, last = note.start, note.start + note.beats
        for first, end in own:
            if first - TOLERANCE <= start < end - TOLERANCE:
                start = end
        if start > note.start and (note.beats < HELD_BEATS or last - start < HELD_BEATS / 2):
            continue
        last = min((first for first, _ in own if first > start), default=last)
        result.append(replace(note, start=start, beats=min(note.start + note.beats, last) - start))
    return result
