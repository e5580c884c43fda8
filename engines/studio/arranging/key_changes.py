"""Key changes within a track: contrasting or lifted sections in another key, after which the home key returns."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.composition import LAST_CHORD, Plan, Section
from engines.studio.model.style import Style

EPISODE: Final = "episode"
"""The section with new material that long pieces get."""
CONTRASTING_SECTIONS: Final = frozenset(
    [EPISODE, "bridge", "interlude", "development", "trio", "middle eight", "second theme", "second waltz"]
)
LONG_PIECE_CHANGES: Final = (5, 7)
"""Semitones to the keys of the subdominant and of the dominant, for episodes of tonal styles."""
PROBABILITY: Final = 0.5
MARGINS: Final = frozenset({"intro", "outro", LAST_CHORD})
LIFTS: Final = (2, 2, 2, -3)
"""Semitones by which the last sections before the outro may be moved: mostly the whole tone of songs and dances."""
MAX_LIFTED_SHARE: Final = 0.36
"""The largest share of a piece that is lifted if this is more than one section: most of it stays in the home key."""


def with_key_changes(plan: Plan, style: Style, seed: int) -> Plan:
    """Move contrasting sections to one of the style's other keys, episodes of tonal styles always, and lift the end."""
    sections = [_in_its_key(section, style, seed) for section in plan.sections]
    rng = random_streams.stream(seed, "lift", style.key)
    if random_streams.chance(rng, style.lift):
        semitones = random_streams.pick(rng, LIFTS)
        for index in _lifted_sections(sections):
            sections[index] = replace(sections[index], transposition=semitones)
    return replace(plan, sections=tuple(sections))


def _lifted_sections(sections: Sequence[Section]) -> list[int]:
    """Return the last sections before the outro, but not the first one after the intro."""
    inner = [index for index, section in enumerate(sections) if _is_inside(section) and section.name not in MARGINS]
    total, lifted = sum(section.beats for section in sections), inner[1:][-1:]
    for index in inner[1:-1][::-1]:
        if sum(sections[one].beats for one in (index, *lifted)) > MAX_LIFTED_SHARE * total:
            break
        lifted = [index, *lifted]
    return lifted


def _is_inside(section: Section) -> bool:
    return not section.is_first and not section.is_last and section.requested is None


def _in_its_key(section: Section, style: Style, seed: int) -> Section:
    rng = random_streams.stream(seed, "key change", section.name, section.theme)
    is_episode = section.name == EPISODE
    options = style.key_changes or (LONG_PIECE_CHANGES if is_episode and style.suspensions else ())
    if not options or not _is_inside(section) or section.name not in CONTRASTING_SECTIONS:
        return section
    is_moved = random_streams.chance(rng, PROBABILITY) or is_episode
    return replace(section, transposition=random_streams.pick(rng, options)) if is_moved else section
