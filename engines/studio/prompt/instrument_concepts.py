"""Instruments, groups, stems and pieces of kits for the concepts that the languages name."""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.instruments.groups import GROUPS, KIT_PIECES, PERCUSSION, label
from engines.studio.orchestration import default_parts

DRUMS: Final = "drums"
_TABLES: Final = TypeAdapter(dict[str, dict[str, tuple[str, ...]]]).validate_python(
    tomllib.loads(Path(__file__).with_name("instruments.toml").read_text(encoding="utf-8"))
)
SAME: Final[Mapping[str, tuple[str, ...]]] = _TABLES["same"]
"""Instruments that a concept is another name of; the first that exists is used."""
NEAREST: Final[Mapping[str, tuple[str, ...]]] = _TABLES["near"]
"""Instruments that approximate a concept, best first; none if it is not available."""
EXCLUDED: Final[Mapping[str, tuple[str, ...]]] = _TABLES["excluded"]
"""What the exclusion of an approximated concept removes."""
TYPICAL_STYLES: Final[Mapping[str, tuple[str, ...]]] = _TABLES["styles"]
"""Styles of which a concept is typical."""


@dataclass(frozen=True, slots=True)
class Realization:
    """What plays a concept: an instrument, group, stem or piece; None if nothing is near."""

    name: str | None
    is_exact: bool


def is_playable(name: str) -> bool:
    """Return whether a name is an instrument, a stem, a group or a piece of a kit."""
    return name in CATALOGUE or name in STEMS or name in GROUPS or name in KIT_PIECES


def is_concept(name: str) -> bool:
    return is_playable(name) or name in SAME or name in NEAREST


def realize(concept: str) -> Realization:
    """Return what plays a concept."""
    if is_playable(concept):
        return Realization(concept, is_exact=True)
    for table, is_exact in ((SAME, True), (NEAREST, False)):
        name = next((name for name in table.get(concept, ()) if is_playable(name)), None)
        if name is not None:
            return Realization(name, is_exact)
    return Realization(None, is_exact=False)


def known_instrument(concept: str) -> str | None:
    """Return what plays a concept, or the nearest that exists."""
    return realize(concept).name


def excluded_instruments(concept: str) -> tuple[str, ...]:
    """Return what the exclusion of a concept removes; without the instrument itself there is usually nothing."""
    found = realize(concept)
    if found.is_exact and found.name is not None and concept not in EXCLUDED:
        return (found.name,)
    return tuple(name for name in EXCLUDED.get(concept, ()) if is_playable(name) or name == PERCUSSION)


def without_percussion(included: Collection[str], excluded: Iterable[str]) -> tuple[str, ...]:
    """Return what is excluded: percussion means all drums, unless the request includes drums or a kit."""
    has_drums = any(name not in KIT_PIECES and default_parts.default_stem(name) == "drums" for name in included)
    names = (DRUMS if name == PERCUSSION and not has_drums else name for name in excluded)
    return tuple(dict.fromkeys(names))


def display_name(name: str) -> str:
    """Return the name of an instrument, group, stem or piece for users."""
    return CATALOGUE[name].name if name in CATALOGUE and name not in GROUPS else label(name)


def can_play_alone(included: Sequence[str], excluded: Sequence[str] = ()) -> bool:
    """Return whether one of the included names plays more than a background noise."""
    names = [name for name in included if name not in excluded]
    return any(name in STEMS or name in KIT_PIECES or default_parts.default_stem(name) != "texture" for name in names)
