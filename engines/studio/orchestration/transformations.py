"""Applies the transformations of a request to parts, style and mix."""

from collections.abc import Container, Mapping, Sequence

from engines.studio.model.mix_settings import DEFAULT_LUFS, MixSettings
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.style import Part, Style
from engines.studio.orchestration import part_changes
from engines.studio.orchestration.part_changes import Parts
from engines.studio.orchestration.transformation_table import EXCLUSIVE_GROUPS, TRANSFORMATIONS

ENERGY_LU, MAX_ENERGY_LU = 2.0, 0.6
"""The change of loudness in LU for an energy that differs by 1 from the style's, and its limit."""


def apply_transformations(parts: Parts, strengths: Mapping[str, float], included: Sequence[str] = ()) -> Parts:
    """Apply transformations to parts. Parts with an included instrument stay in the arrangement."""
    for name, strength in strengths.items():
        change = TRANSFORMATIONS[name].parts if name in TRANSFORMATIONS else None
        if change:
            changed = change(parts, strength)
            kept = {part.name for part in changed}
            missing = [part for part in parts if part.name not in kept and _is_included(part, included)]
            parts = (*changed, *missing)
    return parts


def _is_included(part: Part, included: Sequence[str]) -> bool:
    return part_changes.matches_any(part, included)


def strengths_of(request: MusicRequest) -> dict[str, float]:
    """Return the strength of every requested transformation. Explicit controls replace words of the same property."""
    strengths = {name: request.strengths.get(name, 1.0) for name in request.transformations if name in TRANSFORMATIONS}
    controls = ((request.brightness, "dark", "bright"), (request.density, "sparse", "busy"),
                (request.intensity, "quiet", "loud"))  # fmt: skip
    for value, low, high in controls:
        if value is not None:
            strengths = {
                name: strength for name, strength in strengths.items() if not _is_same_property(name, low, high)
            }
            strengths |= {low if value < 0.5 else high: 2 * abs(value - 0.5)} if value != 0.5 else {}
    return strengths


def _is_same_property(name: str, low: str, high: str) -> bool:
    return name in {low, high} or is_conflicting(name, {low}) or is_conflicting(name, {high})


def describe(request: MusicRequest, parts: Sequence[Part]) -> list[str]:
    """Return a sentence about what each transformation of a request does to these parts."""
    return [
        f"{_quoted(request.transformations.get(name, ''), name)}: {TRANSFORMATIONS[name].describe(strength)}."
        for name, strength in strengths_of(request).items()
        if is_audible(name, parts)
    ]


def _quoted(written: str, name: str) -> str:
    return f'"{written}"' if written else name.replace("_", " ").capitalize()


def change_style(style: Style, strengths: Mapping[str, float]) -> Style:
    """Apply transformations to the swing and the room of a style."""
    for name, strength in strengths.items():
        change = TRANSFORMATIONS[name].style
        style = change(style, strength) if change else style
    return style


def has_loudness(request: MusicRequest) -> bool:
    """Return whether a request changes the loudness of the master."""
    return any(strength > 0.0 and _changes_loudness(name) for name, strength in strengths_of(request).items())


def _changes_loudness(name: str) -> bool:
    change = TRANSFORMATIONS[name].mix
    return change is not None and change(MixSettings(), 1.0).loudness_lufs != DEFAULT_LUFS


def mix_settings(request: MusicRequest) -> MixSettings:
    """Return the settings of mixing and mastering: a little louder or softer with the energy, then transformed."""
    offset = ENERGY_LU * (request.energy - request.style.energy)
    loudness = round(DEFAULT_LUFS + max(-MAX_ENERGY_LU, min(MAX_ENERGY_LU, offset)), 2)
    settings = MixSettings(loudness_lufs=loudness)
    for name, strength in strengths_of(request).items():
        change = TRANSFORMATIONS[name].mix
        settings = change(settings, strength) if change else settings
    return settings


def is_audible(name: str, parts: Sequence[Part]) -> bool:
    """Return whether a transformation affects any of these parts."""
    stems = {part.stem for part in parts}
    if name == "sidechained" and len(stems) == 1:
        return False
    needed = TRANSFORMATIONS[name].stems
    return not needed or bool(stems & set(needed))


def is_conflicting(name: str, others: Container[str]) -> bool:
    """Return whether a transformation conflicts with one of the others."""
    return any(name in group and any(other in others for other in group - {name}) for group in EXCLUSIVE_GROUPS)
