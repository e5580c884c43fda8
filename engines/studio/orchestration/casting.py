"""Casting: the parts of the style, changed by the included and excluded instruments of the request."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.instruments.groups import DRUM_KIT_PIECES, DRUM_SETS, KIT_PIECES, members
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration import default_parts, drum_pieces, transformations
from engines.studio.orchestration.decade_sounds import with_decade_sound
from engines.studio.orchestration.part_changes import is_excluded, matches, matches_any

PAD_INSTRUMENTS: Final = frozenset({"warm_pad", "glass_pad", "supersaw", "stab", "singing_bowl"})
"""Harmony instruments that play no melody, not even as a solo."""
FEATURED_LEVEL: Final = -21.0
"""The least level of an included instrument that a style has only in the background."""
REDUCTION_DB: Final = 6.0
"""How much the level of a part is lowered if a request wants less of it."""
EMPHASIS_DB: Final = 4.0
"""How much the level of a part is raised if a request wants more of it."""


def cast_parts(request: MusicRequest) -> tuple[Part, ...]:
    """Choose the parts of a request and apply its decade sound and transformations.

    Instruments that requested sections include do not replace parts of the style.
    """
    of_sections = {name for section in request.form.section_requests() for name in section.included}
    throughout = replace(request, included=tuple(name for name in request.included if name not in of_sections))
    parts = tuple(_solo_parts(request) if request.is_solo else ()) or _band_parts(throughout)
    if request.has_decade_sound:
        parts = with_decade_sound(parts, request.decade, request.included)
    parts = (*parts, *_guests(parts, request))
    parts = _with_levels(parts, request)
    parts = drum_pieces.with_pieces(
        parts, request.included, request.excluded, request.reduced, is_limited=_has_limited_drums(request)
    )
    return transformations.apply_transformations(parts, transformations.strengths_of(request), request.included)


def _has_limited_drums(request: MusicRequest) -> bool:
    """Return whether kits play only the pieces that a request includes: "only kick and hats", "no drums, but claps"."""
    drums = [name for name in request.included if default_parts.default_stem(name) in {name, "drums"}]
    pieces = [name for name in drums if name in KIT_PIECES]
    return bool(pieces) and (
        "drums" in request.excluded or (request.is_solo and {*pieces, "bass", "melody"} >= {*drums})
    )


def _guests(parts: tuple[Part, ...], request: MusicRequest) -> list[Part]:
    """Return parts for instruments that only requested sections include, and for their soloists."""
    guests: list[Part] = []
    for section in request.form.section_requests():
        for name in section.included:
            others = (*parts, *guests)
            if name in request.excluded or (name in KIT_PIECES and name not in CATALOGUE):
                continue
            is_soloist = section.name == "solo" and name not in STEMS and default_parts.default_stem(name) != "drums"
            is_missing = not any(matches(part, name) and (part.stem == "melody" or not is_soloist) for part in others)
            if is_missing:
                template = (
                    default_parts.STEM_PARTS["melody" if is_soloist else name]
                    if (is_soloist or name in STEMS)
                    else default_parts.part_for_instrument(name)
                )
                instrument = template.instrument if name in STEMS else default_parts.instrument_for(name)
                key = f"{name} {section.name}".rstrip()
                guests.append(replace(template, name=key, instrument=instrument, is_guest=True, min_energy=0.0))
    return guests


def _with_levels(parts: tuple[Part, ...], request: MusicRequest) -> tuple[Part, ...]:
    """Lower the parts of which a request wants less, and raise those of which it wants more."""
    reduced = [name for name in request.reduced if name not in KIT_PIECES]
    raised = [name for name in request.raised if name not in KIT_PIECES]

    def change(part: Part) -> float:
        return EMPHASIS_DB * matches_any(part, raised) - REDUCTION_DB * matches_any(part, reduced)

    return tuple(replace(part, level=part.level + change(part)) for part in parts)


def _band_parts(request: MusicRequest) -> tuple[Part, ...]:
    """Remove excluded parts and add included instruments. At least one pitched part remains."""
    parts = [part for part in request.style.parts if not is_excluded(part, request.excluded, request.included)]
    for name in sorted(request.included, key=lambda name: len(members(name))):  # groups last
        parts = _with_included(parts, name, request)
    parts = [part for part in parts if not is_excluded(part, request.excluded, request.included)]
    if not any(part.stem in {"harmony", "melody", "bass"} for part in parts):
        parts.append(_fallback_part(request))
    return tuple(parts)


def _fallback_part(request: MusicRequest) -> Part:
    keys = ("piano", "warm_pad", "vibraphone", "strings", "harp")
    options = [replace(default_parts.FALLBACK_PART, instrument=key) for key in keys]
    return next((part for part in options if not is_excluded(part, request.excluded)), default_parts.FALLBACK_PART)


def _with_included(parts: list[Part], name: str, request: MusicRequest) -> list[Part]:
    if name in KIT_PIECES and not any(part.instrument == name for part in parts):
        return parts  # drum_pieces adds it
    if any(matches(part, name) for part in parts):
        return [_featured(part) if matches(part, name) else part for part in parts]
    if name in STEMS:
        return [*parts, default_parts.STEM_PARTS[name]]
    whole = [each for each in request.included if each not in KIT_PIECES]
    free = [part for part in parts if not matches_any(part, whole)]
    instrument = default_parts.instrument_for(name, request.excluded)
    replaced = _replaceable_part(free, instrument)
    if replaced is None or _plays_beside(instrument, replaced):
        return [*parts, _new_part(instrument, parts)]
    return [_with_instrument(part, instrument) if part is replaced else part for part in parts]


def _featured(part: Part) -> Part:
    level = part.level + 1.0
    is_background = part.stem == "texture" and part.instrument not in default_parts.ADDITIONAL_PARTS
    return replace(
        part,
        min_energy=min(part.min_energy, 0.3),
        level=max(level, FEATURED_LEVEL) if is_background else level,
    )


def _replaceable_part(free: Sequence[Part], name: str) -> Part | None:
    """Return the first part that an instrument can replace; None for instruments that replace no part."""
    stem = None if name in default_parts.ADDITIONAL_PARTS else default_parts.default_stem(name)
    return next((part for part in free if part.stem == stem), None)


def _plays_beside(name: str, part: Part) -> bool:
    """Return whether a kit is played beside the drum set of a style instead of replacing it: "rock with taiko"."""
    return CATALOGUE[name].is_kit and name not in DRUM_SETS and part.instrument in DRUM_SETS


def _new_part(name: str, parts: Sequence[Part]) -> Part:
    """Create a part with a unique name."""
    part = default_parts.part_for_instrument(name, parts)
    return replace(part, name=name) if any(other.name == part.name for other in parts) else part


def _with_instrument(part: Part, name: str) -> Part:
    """Replace the instrument of a part, and remove the amplifier."""
    effects = tuple(effect for effect in part.effects if effect not in {"amp", "crunch"})
    return replace(part, instrument=name, min_energy=min(part.min_energy, 0.3), effects=effects)


def _solo_parts(request: MusicRequest) -> list[Part]:
    """Return only the included parts, playing throughout. If none has a melody, the first one gets it."""
    parts: list[Part] = []
    for name in sorted(request.included, key=lambda name: len(members(name))):
        used_names = {part.name for part in parts}
        free = [part for part in request.style.parts if part.name not in used_names]
        parts.extend(_parts_for(free, name, parts, request))
    if not any(part.stem == "melody" for part in parts):
        parts.extend(_melody_parts(request, parts))
    return [replace(part, min_energy=0.0, max_energy=1.01, only_sections=()) for part in parts]


def _parts_for(free: Sequence[Part], name: str, parts: Sequence[Part], request: MusicRequest) -> list[Part]:
    own = [part for part in free if matches(part, name) and not is_excluded(part, request.excluded, request.included)]
    if name in KIT_PIECES and not any(part.instrument == name for part in own):
        return own if name in DRUM_KIT_PIECES else []
    if own or any(matches(part, name) for part in parts):
        return own
    if name in STEMS:
        return [default_parts.STEM_PARTS[name]]
    instrument = default_parts.instrument_for(name, request.excluded)
    replaced = _replaceable_part(free, instrument)
    return [_with_instrument(replaced, instrument) if replaced else _new_part(instrument, parts)]


def _melody_parts(request: MusicRequest, parts: Sequence[Part]) -> list[Part]:
    without_melody = PAD_INSTRUMENTS | default_parts.ADDITIONAL_PARTS.keys()
    candidates = [part for part in parts if part.stem == "harmony" and part.instrument not in without_melody]
    template = next((part for part in request.style.parts if part.stem == "melody"), default_parts.STEM_PARTS["melody"])
    return [
        _with_instrument(replace(template, effects=part.effects, name=f"{part.name} tune"), part.instrument)
        for part in candidates[:1]
    ]
