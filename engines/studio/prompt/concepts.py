"""Instruments and stems for the concepts that the languages name."""

from collections.abc import Sequence

from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.orchestration import default_parts
from engines.studio.prompt import vocabulary


def known_instrument(concept: str) -> str | None:
    """Return the instrument or stem for a concept, or the nearest one that exists."""
    options = vocabulary.INSTRUMENT_FALLBACKS.get(concept, (concept,))
    return next((name for name in options if name in CATALOGUE or name in STEMS), None)


def can_play_alone(included: Sequence[str], excluded: Sequence[str] = ()) -> bool:
    """Return whether one of the included instruments plays more than a background noise."""
    names = [name for name in included if name not in excluded]
    return any(name in STEMS or default_parts.default_stem(name) != "texture" for name in names)
