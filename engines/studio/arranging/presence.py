"""Decides in which sections a part plays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio.model.composition import LAST_CHORD, Section
from engines.studio.model.style import Part
from engines.studio.orchestration.default_parts import ADDITIONAL_PARTS
from engines.studio.orchestration.part_changes import is_excluded, matches, matches_any

SHARES: Final = {"bass": 0.85, "melody": 0.75}
"""The minimum share of the sections of a track with a bass and with a tune, in styles that have them.

A tune rests within its sections; with its rests it sounds in about 0.6 of a track.
"""
PITCHED: Final = frozenset({"harmony", "melody", "bass"})
INCLUDED_SHARE: Final = 0.6
"""The minimum share of a track in which an included instrument plays."""
ALWAYS_PRESENT: Final = frozenset(SHARES)
"""Stems that moods never remove: their parts play as in the style itself or, in louder music, more often."""


def plays(part: Part, section: Section, sections: Sequence[Section], *, has_played: bool) -> bool:
    """Return whether a part plays in a section."""
    if section.name == LAST_CHORD:
        before = None if section.is_first else _is_requested(part, sections[-2])
        return section.is_first or (before is not False and has_played and (before or not part.is_guest))
    requested = _is_requested(part, section)
    if requested is None and _is_awaited(part, section, sections):
        return False
    if requested is not None or part.is_guest:
        return bool(requested)
    if part.only_sections and section.name not in part.only_sections:
        return False
    is_short = len(sections) <= 2 and part.stem != "texture"
    return is_short or _is_in_range(part, section)


def _is_requested(part: Part, section: Section) -> bool | None:
    """Return whether a requested section includes or excludes a part; None if it leaves that to the style."""
    request = section.requested
    if request is None:
        return None
    if is_excluded(part, request.excluded, request.included):
        return False
    if matches_any(part, request.included):
        return True
    has_other_soloist = request.name == "solo" and part.stem == "melody"
    return False if request.included and (request.is_solo or has_other_soloist) else None


def _is_awaited(part: Part, section: Section, sections: Sequence[Section]) -> bool:
    """Return whether a part enters later in a sequence of steps ("starts with piano, then drums").

    The first step has only its own instruments, if it names any.
    """
    steps = [one for one in sections if one.requested and one.requested.name == "part" and one.requested.included]
    if not steps or section.requested is None:
        return False
    entries = [one.start for one in steps if one.requested and matches_any(part, one.requested.included)]
    return min(entries, default=0.0) > section.start or (section is steps[0] and section.is_first)


def _is_in_range(part: Part, section: Section) -> bool:
    energy = max(section.energy, section.presence) if part.stem in ALWAYS_PRESENT else section.energy
    return part.min_energy <= energy < part.max_energy or (
        part.stem in ALWAYS_PRESENT and part.min_energy <= section.energy < part.max_energy
    )


def with_shares(parts: tuple[Part, ...], sections: Sequence[Section], *, is_calm: bool) -> tuple[Part, ...]:
    """Lower the minimum energy of the first melody part and, in music calmer than its style, of the first bass part.

    They then play in at least SHARES of the track, unless requested sections leave them out.
    """
    for stem, share in SHARES.items():
        if stem == "melody" or is_calm:
            parts = _with_share(parts, sections, stem, share)
    return parts


def _with_share(parts: tuple[Part, ...], sections: Sequence[Section], stem: str, min_share: float) -> tuple[Part, ...]:
    candidates = [part for part in parts if part.stem == stem and not part.only_sections and not part.is_guest]
    chosen = next((part for part in candidates if part.max_energy > 1.0), None)
    if chosen is None:
        return parts
    open_sections = [section for section in sections if section.name != LAST_CHORD]
    total = sum(section.beats for section in sections)
    result = chosen
    options = sorted({max(section.energy, section.presence) for section in open_sections}, reverse=True)
    for min_energy in (chosen.min_energy, *(option for option in options if option < chosen.min_energy)):
        result = replace(chosen, min_energy=min_energy)
        others = [result if part is chosen else part for part in candidates]
        playing = [section for section in open_sections if any(_is_in_range(part, section) for part in others)]
        last = total - sum(section.beats for section in open_sections)
        if sum(section.beats for section in playing) + last >= min_share * total:
            break
    return tuple(result if part is chosen else part for part in parts)


def with_included(parts: tuple[Part, ...], sections: Sequence[Section], included: Sequence[str]) -> tuple[Part, ...]:
    """Let the first part of every included instrument play in at least INCLUDED_SHARE of the track."""
    for name in included:
        chosen = next((part for part in parts if matches(part, name) and not part.is_guest), None)
        if chosen and (chosen.stem != "texture" or chosen.instrument not in ADDITIONAL_PARTS):
            heard = replace(chosen, max_energy=1.01, only_sections=())
            options = sorted({section.energy for section in sections}, reverse=True)
            needed = INCLUDED_SHARE * sum(section.beats for section in sections)
            for energy in options:
                if sum(section.beats for section in sections if section.energy >= heard.min_energy) >= needed:
                    break
                heard = replace(heard, min_energy=min(heard.min_energy, energy))
            parts = tuple(heard if part is chosen else part for part in parts)
    return parts


def fill_gaps(parts: tuple[Part, ...], sections: Sequence[Section]) -> tuple[Part, ...]:
    """Let a harmony or bass part play in every section: the one whose energies are nearest to it.

    Parts without harmony and bass play their melody throughout.
    """
    for section in sections:
        own = [part for part in parts if part.stem in PITCHED and not part.is_guest]
        backing = [part for part in own if part.stem != "melody"] or own
        is_gap = section.name != LAST_CHORD and not any(_plays_by_style(part, section) for part in backing)
        if is_gap and backing:
            chosen = min(backing, key=lambda part: (_energy_distance(part, section.energy), part.stem != "harmony"))
            parts = tuple(_with_energy(part, section.energy) if part is chosen else part for part in parts)
    return parts


def _plays_by_style(part: Part, section: Section) -> bool:
    return _is_in_range(part, section) and (not part.only_sections or section.name in part.only_sections)


def _energy_distance(part: Part, energy: float) -> float:
    return max(0.0, part.min_energy - energy, energy - part.max_energy)


def _with_energy(part: Part, energy: float) -> Part:
    """Let a part play at an energy, too."""
    max_energy = part.max_energy if energy < part.max_energy else 1.01
    return replace(part, min_energy=min(part.min_energy, energy), max_energy=max_energy, only_sections=())
