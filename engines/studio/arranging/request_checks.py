"""Checks what of a request a composition meets, and describes what was done, as sentences for the report."""

from collections.abc import Iterator, Sequence
from typing import Final

from engines.remarks import RemarkCode
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.scope_descriptions import describe_scopes
from engines.studio.arranging.tag_endings import find_tag
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import GROUPS, KIT_PIECES, OTHER_PIECES
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.song_form import role_of
from engines.studio.model.style import Part
from engines.studio.orchestration import transformation_table
from engines.studio.orchestration.casting import EMPHASIS_DB, REDUCTION_DB
from engines.studio.orchestration.ending_kinds import TAG
from engines.studio.orchestration.part_changes import is_excluded, matches
from engines.studio.prompt.instrument_concepts import display_name
from engines.studio.theory.metre import metre_named

RITARDANDO_BEATS: Final = (8, 16)
"""The beats that slow down, and the least beats of a track in which they do (see TempoMap)."""
ENDING_DESCRIPTIONS: Final = {
    "ring": "The last chord rings until the end.",
    "cold": "The track stops with one stroke.",
    "tape_stop": "The tape stops at the end.",
    "tag": "The last phrase is repeated before the last chord.",
}


def check_request(request: MusicRequest, arrangement: Arrangement) -> list[str]:
    """Return sentences about the sections, instruments and transformations of a request."""
    return [
        *_check_sections(request, arrangement),
        *_check_absent_sections(request, arrangement),
        *describe_scopes(arrangement.scopes, arrangement.composition.tempo, arrangement.composition.beats),
        *_check_instruments(request, arrangement),
        *_describe_players(request, arrangement),
        *_check_levels(request, arrangement),
        *_describe_progression(request),
        *_describe_ending(request, arrangement),
    ]


def _playing(arrangement: Arrangement) -> list[Part]:
    return [part for part in arrangement.parts if arrangement.composition.notes[part.name]]


def _plays(arrangement: Arrangement, name: str) -> bool:
    if name in KIT_PIECES and _plays_piece(arrangement, name):
        return True
    return any(matches(part, name) for part in _playing(arrangement) if name not in KIT_PIECES or part.stem != "drums")


def _plays_piece(arrangement: Arrangement, name: str) -> bool:
    drums = [part for part in arrangement.parts if part.stem == "drums"]
    return any(note.pitch in KIT_PIECES[name] for part in drums for note in arrangement.composition.notes[part.name])


def _plays_excluded(request: MusicRequest, arrangement: Arrangement, name: str) -> bool:
    if name in KIT_PIECES:
        return _plays(arrangement, name)
    others = [part for part in _playing(arrangement) if part.name not in request.included]
    return any(is_excluded(part, (name,), request.included) for part in others)


def _check_instruments(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    sections = request.form.section_requests()
    included = (*request.included, *(name for section in sections for name in section.included))
    for name in dict.fromkeys(included):
        if not _plays(arrangement, name):
            yield RemarkCode.INSTRUMENT_MISSING.write(instrument=display_name(name))
    for name in request.excluded:
        if _plays_excluded(request, arrangement, name):
            yield RemarkCode.INSTRUMENT_KEPT.write(instrument=display_name(name))


def _plays_it(arrangement: Arrangement, part: Part, name: str) -> bool:
    """Return whether a part plays an instrument, or at least one note of a piece of a kit."""
    keys = KIT_PIECES.get(name, frozenset())
    has_notes = part.stem != "drums" or any(note.pitch in keys for note in arrangement.composition.notes[part.name])
    return matches(part, name) and (not keys or has_notes or part.instrument == name)


def _describe_players(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    """Yield which instruments play the groups and the pieces of kits that a request includes."""
    for name in request.included:
        if (name in GROUPS or name in KIT_PIECES) and _plays(arrangement, name):
            parts = [part for part in _playing(arrangement) if _plays_it(arrangement, part, name)]
            players = dict.fromkeys(CATALOGUE[part.instrument].name for part in parts)
            if name not in CATALOGUE or list(players) != [CATALOGUE[name].name]:
                yield RemarkCode.PLAYED_BY.write(instrument=display_name(name), players=", ".join(players))
    if OTHER_PIECES in request.excluded:
        yield RemarkCode.DRUMS_LIMITED


def _check_levels(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    for name in request.reduced:
        if _plays(arrangement, name):
            code = RemarkCode.SOFTER if name in KIT_PIECES else RemarkCode.QUIETER
            yield code.write(instrument=display_name(name), decibels=f"{REDUCTION_DB:g}")
        else:
            yield RemarkCode.SILENT.write(instrument=display_name(name))
    for name in request.raised:
        if name in KIT_PIECES:
            yield f"Not met: {display_name(name)} is not louder; only whole kits are."
        elif _plays(arrangement, name):
            yield RemarkCode.LOUDER.write(instrument=display_name(name), decibels=f"{EMPHASIS_DB:g}")


def _check_sections(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    sections = arrangement.composition.sections
    planned = [section for section in sections if section.requested]
    missing = request.form.sections[len(planned) :]
    if planned and request.form.sections:
        yield RemarkCode.SECTIONS_MET.write(sections=", ".join(section.name for section in planned))
    if missing:
        yield RemarkCode.SECTIONS_MISSING.write(sections=", ".join(section.name for section in missing))
    count, played = request.form.section_count, len(sections) - 1 if request.form.has_ending else len(sections)
    if count and not request.form.sections and played < count:
        yield RemarkCode.SECTION_COUNT_MISSED.write(count=count, played=played)
    if request.form.variety == "static" and not request.form.sections:
        yield RemarkCode.UNCHANGING_LOOP
    if request.form.variety == "through_composed":
        yield RemarkCode.THROUGH_COMPOSED
    for section in planned:
        for name in section.requested.transformations if section.requested else ():
            if name not in transformation_table.TRANSFORMATIONS or not transformation_table.TRANSFORMATIONS[name].parts:
                yield f"Not met: {name.replace('_', ' ')} in the {section.name}; it applies to whole tracks only."


def _check_absent_sections(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    played = {role_of(section.name) for section in arrangement.composition.sections}
    for name in request.form.absent:
        code = RemarkCode.SECTION_KEPT if name in played else RemarkCode.SECTION_ABSENT
        yield code.write(section=name)


def _describe_progression(request: MusicRequest) -> Sequence[str]:
    return [RemarkCode.PROGRESSION.write(chords=request.progression)] if request.progression else []


def _describe_ending(request: MusicRequest, arrangement: Arrangement) -> Iterator[str]:
    """Yield how the requested end of a track was realised."""
    form, last = request.form, arrangement.composition.sections[-1]
    if form.has_ritardando:
        is_met = form.has_ending and last.start >= RITARDANDO_BEATS[1]
        yield (
            RemarkCode.SLOWS_DOWN.write(beats=RITARDANDO_BEATS[0])
            if is_met
            else "Not met: a track that is short, loops or fades out does not slow down at its end."
        )
    bar = metre_named(arrangement.composition.metre).progression_bar
    if form.last_chord == TAG and form.has_ending and find_tag(arrangement.composition.sections, bar) is None:
        yield "Not met: the track is too short to repeat its last phrase."
    elif form.last_chord:
        yield (
            ENDING_DESCRIPTIONS[form.last_chord]
            if form.has_ending
            else "Not met: a track that loops or fades out has no last chord."
        )
