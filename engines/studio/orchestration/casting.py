"""Casting: the parts of the style, changed by the included and excluded instruments of the request."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration import default_parts, transformations
from engines.studio.orchestration.era_sounds import with_era_sound
from engines.studio.orchestration.part_changes import matches, matches_any

PAD_INSTRUMENTS: Final = frozenset({"warm_pad", "glass_pad", "supersaw", "stab", "singing_bowl"})
"""Harmony instruments that play no melody, not even as a solo."""
REDUCTION_DB: Final = 6.0
"""How much the level of a part is lowered if a request wants less of it."""


def cast_parts(request: MusicRequest) -> tuple[Part, ...]:
    """Choose the parts of a request and apply its era sound and transformations.

    Instruments that requested sections include do not replace parts of the style.
    """
    of_sections = {name for section in request.form.sections for name in section.included}
    throughout = replace(request, included=tuple(name for name in request.included if name not in of_sections))
    parts = tuple(_solo_parts(request) if request.is_solo else ()) or _band_parts(throughout)
    if request.has_era_sound:
        parts = with_era_sound(parts, request.era, request.included)
    parts = (*parts, *_guests(parts, request))
    strengths = transformations.strengths_of(request)
    return transformations.apply_transformations(_with_reductions(parts, request.reduced), strengths, request.included)


def _guests(parts: tuple[Part, ...], request: MusicRequest) -> list[Part]:
    """Return parts for instruments that only requested sections include, and for their soloists."""
    guests: list[Part] = []
    for section in request.form.sections:
        for name in section.included:
            others = (*parts, *guests)
            if name in request.excluded or (name not in STEMS and name not in CATALOGUE):
                continue
            is_soloist = section.name == "solo" and name not in STEMS and default_parts.default_stem(name) != "drums"
            is_missing = not any(matches(part, name) and (part.stem == "melody" or not is_soloist) for part in others)
            if is_missing:
                template = (
                    default_parts.STEM_PARTS["melody" if is_soloist else name]
                    if (is_soloist or name in STEMS)
                    else default_parts.part_for_instrument(name)
                )
                instrument = template.instrument if name in STEMS else name
                key = f"{name} {section.name}"
                guests.append(replace(template, name=key, instrument=instrument, is_guest=True, min_energy=0.0))
    return guests


def _with_reductions(parts: tuple[Part, ...], reduced: Sequence[str]) -> tuple[Part, ...]:
    """Lower the parts of which a request wants less."""
    return tuple(
        replace(part, level=part.level - REDUCTION_DB) if matches_any(part, reduced) else part for part in parts
    )


def _band_parts(request: MusicRequest) -> tuple[Part, ...]:
    """Remove excluded parts and add included instruments. At least one pitched part remains."""
    parts = [part for part in request.style.parts if not matches_any(part, request.excluded)]
    for name in request.included:
        parts = _with_included(parts, name, request.included)
    parts = [part for part in parts if not matches_any(part, request.excluded)]
    if not any(part.stem in {"harmony", "melody", "bass"} for part in parts):
        parts.append(_fallback_part(request))
    return tuple(parts)


def _fallback_part(request: MusicRequest) -> Part:
    keys = ("piano", "warm_pad", "vibraphone", "strings", "harp")
    options = [replace(default_parts.FALLBACK_PART, instrument=key) for key in keys]
    return next((part for part in options if not matches_any(part, request.excluded)), default_parts.FALLBACK_PART)


def _with_included(parts: list[Part], name: str, included: Sequence[str]) -> list[Part]:
    if any(matches(part, name) for part in parts):
        return [_featured(part) if matches(part, name) else part for part in parts]
    if name in STEMS:
        return [*parts, default_parts.STEM_PARTS[name]]
    free = [part for part in parts if not matches_any(part, included)]
    replaced = _replaceable_part(free, name)
    if replaced is None:
        return [*parts, _new_part(name, parts)]
    return [_with_instrument(part, name) if part is replaced else part for part in parts]


def _featured(part: Part) -> Part:
    return replace(part, min_energy=min(part.min_energy, 0.3), level=part.level + 1.0)


def _replaceable_part(free: Sequence[Part], name: str) -> Part | None:
    """Return the first part that an instrument can replace; None for instruments that replace no part."""
    stem = None if name in default_parts.ADDITIONAL_PARTS else default_parts.default_stem(name)
    return next((part for part in free if part.stem == stem), None)


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
    for name in request.included:
        used_names = {part.name for part in parts}
        parts.extend(_parts_for([part for part in request.style.parts if part.name not in used_names], name, parts))
    if not any(part.stem == "melody" for part in parts):
        parts.extend(_melody_parts(request, parts))
    return [replace(part, min_energy=0.0, max_energy=1.01, only_sections=()) for part in parts]


def _parts_for(free: Sequence[Part], name: str, parts: Sequence[Part]) -> list[Part]:
    own = [part for part in free if matches(part, name)]
    if own:
        return own
    if name in STEMS:
        return [default_parts.STEM_PARTS[name]]
    replaced = _replaceable_part(free, name)
    return [_with_instrument(replaced, name) if replaced else _new_part(name, parts)]


def _melody_parts(request: MusicRequest, parts: Sequence[Part]) -> list[Part]:
    without_melody = PAD_INSTRUMENTS | default_parts.ADDITIONAL_PARTS.keys()
    candidates = [part for part in parts if part.stem == "harmony" and part.instrument not in without_melody]
    template = next((part for part in request.style.parts if part.stem == "melody"), default_parts.STEM_PARTS["melody"])
    return [
        _with_instrument(replace(template, effects=part.effects, name=f"{part.name} tune"), part.instrument)
        for part in candidates[:1]
    ]
