"""Describes requirements for ranges of a track, and where they were realised, as sentences for the report."""

from collections.abc import Iterator, Sequence
from typing import Final

from engines.studio.arranging.scoped_requests import ResolvedScope, Span
from engines.studio.model.form_request import Extent, ScopedRequest, TimePoint, TrackRange
from engines.studio.prompt.instrument_concepts import display_name

ORDINALS: Final = {-1: "last", 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
SECTION_NAMES: Final = {"prechorus": "pre-chorus"}


def describe(scoped: ScopedRequest) -> str:
    """Describe a requirement: "No drums in the intro", "Strings from 0:20 on"."""
    request, where = scoped.request, describe_range(scoped.range)
    parts = []
    if request.length is not None:
        bars, seconds = request.length.bars, request.length.seconds
        return f"{_section(scoped.range).capitalize()} of {f'{bars:g} bars' if bars else f'{seconds:g} s'}"
    included = _names(request.included)
    if included:
        only_before, only_after = ("only ", "") if request.is_solo else ("", " only" if scoped.is_only else "")
        is_limit = scoped.range.extent is not Extent.WITHIN
        parts.append(f"{only_before}{included}{'' if is_limit else only_after} {where}")
    if request.excluded:
        parts.append(f"no {_names(request.excluded)} {where}")
    if request.energy is not None or request.transformations:
        words = [name.replace("_", " ") for name in request.transformations]
        if request.energy is not None:
            words.insert(0, f"energy {request.energy:.2g}")
        parts.append(f"{', '.join(words)} {where}")
    return _capitalized("; ".join(parts))


def describe_range(scope: TrackRange) -> str:
    """Describe a range: "in the second chorus", "until 0:30", "from bar 17 on"."""
    if scope.section is not None:
        number = f"{ORDINALS.get(scope.ordinal, f'{scope.ordinal}.')} " if scope.ordinal else ""
        place = f"{'the ' if number or scope.extent is not Extent.WITHIN else 'every '}{number}{_section(scope)}"
        place = f"the {_section(scope)}" if scope.section in {"intro", "outro"} else place
    else:
        place = _time(scope.time)
    if scope.end is not None:
        return f"from {place} to {_time(scope.end)}"
    match scope.extent:
        case Extent.WITHIN:
            return f"in {place}" if scope.section else f"around {place}"
        case Extent.UNTIL:
            return f"until {place}"
        case Extent.AFTER:
            return f"after {place}"
        case Extent.FROM:
            return f"in {place}" if place.startswith("the last ") and not scope.section else f"from {place} on"


def _section(scope: TrackRange) -> str:
    name = scope.section or ""
    return SECTION_NAMES.get(name, name)


def _time(time: TimePoint | None) -> str:
    if time is None:
        return "the end"
    if time.bars is not None:
        return f"bar {time.bars + 1:g}" if time.bars >= 0 else f"the last {-time.bars:g} bars"
    if time.seconds is not None:
        return clock(time.seconds) if time.seconds >= 0 else f"the last {-time.seconds:g} s"
    return f"{100 * time.share:.0f} % of the track"


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds: "1:05"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def describe_scopes(scopes: Sequence[ResolvedScope], tempo: float, beats: float) -> Iterator[str]:
    """Yield a sentence about each scoped request: where it was realised, or that the track has no such range."""
    for scope in scopes:
        text = describe(scope.scoped)
        if scope.spans:
            yield f"{text}: {', '.join(_span(span, tempo, beats) for span in scope.spans)}."
        else:
            yield f"Not met: {text[:1].lower()}{text[1:]}; the track is too short for it."


def _span(span: Span, tempo: float, beats: float) -> str:
    start, end = (beat * 60.0 / tempo for beat in span)
    return f"from {clock(start)}" if span[1] >= beats else f"{clock(start)}\u2013{clock(end)}"


def _names(keys: Sequence[str]) -> str:
    return " and ".join(display_name(key).lower() for key in keys)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
