"""Who sits in the band: the style's players, changed by the instruments that were wanted and unwanted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio.instruments.groups import GROUPS, STEMS
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part
from engines.studio.orchestration import articulation, default_parts

PAD_INSTRUMENTS: Final = frozenset({"warm_pad", "glass_pad", "supersaw", "stab", "singing_bowl"})
"""Harmony instruments that sing no tune, not even when they are alone."""


def cast_parts(brief: MusicRequest) -> tuple[Part, ...]:
    """The parts that play, in the sound of their era and as they were asked to be played."""
    alone = _solo_parts(brief) if brief.is_solo else []
    return articulation.apply_articulations(tuple(alone) or _band_parts(brief), brief)


def _band_parts(brief: MusicRequest) -> tuple[Part, ...]:
    """Unwanted players go, wanted ones take the chair that suits them; somebody always stays."""
    parts = [part for part in brief.style.parts if not any(_matches(part, name) for name in brief.excluded)]
    for name in brief.included:
        parts = _with_included(parts, name, brief.included)
    parts = [part for part in parts if not any(_matches(part, name) for name in brief.excluded)]
    if not any(part.stem in {"harmony", "melody", "bass"} for part in parts):
        parts.append(_fallback_part(brief))
    return tuple(parts)


def _fallback_part(brief: MusicRequest) -> Part:
    for key in ("piano", "warm_pad", "vibraphone", "strings", "harp"):
        part = replace(default_parts.FALLBACK_PART, instrument=key)
        if not any(_matches(part, name) for name in brief.excluded):
            return part
    return default_parts.FALLBACK_PART


def _matches(part: Part, name: str) -> bool:
    if name in STEMS:
        return part.stem == name
    return part.instrument in GROUPS.get(name, frozenset({name}))


def _with_included(parts: list[Part], name: str, wanted: Sequence[str]) -> list[Part]:
    if any(_matches(part, name) for part in parts):
        return [_featured(part) if _matches(part, name) else part for part in parts]
    if name in STEMS:
        return [*parts, default_parts.part_for_stem(name)]
    free = [part for part in parts if not any(_matches(part, other) for other in wanted)]
    chair = _replaceable_part(free, name)
    if chair is None:
        return [*parts, _new_part(name, parts)]
    return [_with_instrument(part, name) if part is chair else part for part in parts]


def _featured(part: Part) -> Part:
    return replace(part, min_energy=min(part.min_energy, 0.3), level=part.level + 1.0)


def _replaceable_part(free: Sequence[Part], name: str) -> Part | None:
    """The first free chair for an instrument, unless it takes nobody's."""
    home = default_parts.default_stem(name)
    return None if name in default_parts.ADDITIONAL_PARTS else next((part for part in free if part.stem == home), None)


def _new_part(name: str, parts: Sequence[Part]) -> Part:
    """A seat beside those that there are, under a name of its own."""
    part = default_parts.part_for_instrument(name)
    return replace(part, name=name) if any(other.name == part.name for other in parts) else part


def _with_instrument(part: Part, name: str) -> Part:
    """A seat with another instrument on it, which leaves the amplifier behind."""
    kept = tuple(effect for effect in part.effects if effect not in {"amp", "crunch"})
    return replace(part, instrument=name, min_energy=min(part.min_energy, 0.3), effects=kept)


def _solo_parts(brief: MusicRequest) -> list[Part]:
    """The wanted players and nobody else, from the first bar to the last; the first of them sings if nobody does."""
    seats: list[Part] = []
    for name in brief.included:
        taken = {part.name for part in seats}
        seats.extend(_parts_for([part for part in brief.style.parts if part.name not in taken], name, seats))
    if not any(part.stem == "melody" for part in seats):
        seats.extend(_melody_parts(brief, seats))
    return [replace(part, min_energy=0.0, max_energy=1.01, only_sections=()) for part in seats]


def _parts_for(free: Sequence[Part], name: str, seats: Sequence[Part]) -> list[Part]:
    own = [part for part in free if _matches(part, name)]
    if own:
        return own
    if name in STEMS:
        return [default_parts.part_for_stem(name)]
    chair = _replaceable_part(free, name)
    return [_with_instrument(chair, name) if chair else _new_part(name, seats)]


def _melody_parts(brief: MusicRequest, seats: Sequence[Part]) -> list[Part]:
    able = [
        part
        for part in seats
        if part.stem == "harmony" and part.instrument not in PAD_INSTRUMENTS | set(default_parts.ADDITIONAL_PARTS)
    ]
    if not able:
        return []
    place = next((part for part in brief.style.parts if part.stem == "melody"), default_parts.part_for_stem("melody"))
    return [_with_instrument(replace(place, effects=able[0].effects, name=f"{able[0].name} tune"), able[0].instrument)]
