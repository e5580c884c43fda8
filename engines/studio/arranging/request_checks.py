"""Checks what of a request a composition meets, and describes what was done, as sentences for the report."""

from collections.abc import Iterator, Sequence

from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments import CATALOGUE
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration import transformations
from engines.studio.orchestration.casting import REDUCTION_DB
from engines.studio.orchestration.part_changes import matches


def check_request(request: MusicRequest, arrangement: Arrangement) -> list[str]:
    """Return sentences about the sections, instruments and transformations of a request."""
    return [
        *_section_notes(request, arrangement),
        *_instrument_notes(request, arrangement),
        *_reduction_notes(request, arrangement),
        *_describe_progression(request),
    ]


def _playing(arrangement: Arrangement) -> list[Part]:
    return [part for part in arrangement.parts if arrangement.composition.notes[part.name]]


def _name(key: str) -> str:
    return CATALOGUE[key].name if key in CATALOGUE else key


def _plays(arrangement: Arrangement, name: str) -> bool:
    return any(matches(part, name) for part in _playing(arrangement))


def _instrument_notes(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    included = (*request.included, *(name for section in request.form.sections for name in section.included))
    for name in dict.fromkeys(included):
        if not _plays(arrangement, name):
            yield f"Not met: {_name(name)} was requested but does not play."
    for name in request.excluded:
        if _plays(arrangement, name):
            yield f"Not met: {_name(name)} plays although it was excluded, because nothing else would remain."


def _reduction_notes(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    for name in request.reduced:
        if _plays(arrangement, name):
            yield f"Less {_name(name)}: {REDUCTION_DB:g} dB quieter."
        else:
            yield f"Less {_name(name)}: it does not play."


def _section_notes(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    sections = arrangement.composition.sections
    planned = [section for section in sections if section.requested]
    missing = request.form.sections[len(planned) :]
    if planned:
        yield f"Sections as requested: {', '.join(section.name for section in planned)}."
    if missing:
        yield f"Not met: the track is too short for the sections {', '.join(section.name for section in missing)}."
    count, played = request.form.section_count, len(sections) - 1 if request.form.has_ending else len(sections)
    if count and not request.form.sections and played < count:
        yield f"Not met: the track is too short for {count} sections; it has {played}."
    if request.form.variety == "static" and not request.form.sections:
        yield "An unchanging loop: every section repeats the notes of the first one."
    if request.form.variety == "through_composed":
        yield "Through-composed: every section has a theme and chords of its own."
    for section in planned:
        for name in section.requested.transformations if section.requested else ():
            if name not in transformations.TRANSFORMATIONS or not transformations.TRANSFORMATIONS[name].parts:
                yield f"Not met: {name.replace('_', ' ')} in the {section.name}; it applies to whole tracks only."


def _describe_progression(request: MusicRequest) -> Sequence[str]:
    return [f"Chords of the main theme: {request.progression}."] if request.progression else []
