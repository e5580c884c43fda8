"""Instruments and stems for the concepts that the languages name."""

from collections.abc import Mapping, Sequence
from typing import Final

from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.orchestration import default_parts

INSTRUMENT_FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "honky_tonk": ("honky_tonk", "felt_piano", "upright_piano", "piano"),
    "accordion": ("accordion", "harmonium", "organ"),
    "harmonica": ("harmonica", "accordion", "organ"),
    "harpsichord": ("harpsichord", "clavinet"),
    "steel_drum": ("steel_drum", "steel_pan", "handpan", "marimba"),
    "banjo": ("banjo", "steel_guitar"),
    "mandolin": ("mandolin", "steel_guitar"),
    "ukulele": ("ukulele", "nylon_guitar"),
    "sitar": ("sitar", "steel_guitar"),
    "sarod": ("sarod", "sitar"),
    "dhol": ("dhol", "tabla"),
    "koto": ("koto", "harp"),
    "shamisen": ("shamisen", "koto"),
    "erhu": ("erhu", "violin"),
    "violin": ("violin", "solo_violin", "strings"),
    "viola": ("viola", "strings"),
    "cello": ("cello", "solo_cello", "strings"),
    "trumpet": ("trumpet", "muted_trumpet", "brass"),
    "trombone": ("trombone", "brass"),
    "tuba": ("tuba", "brass"),
    "piccolo": ("piccolo", "flute"),
    "pan_flute": ("pan_flute", "flute"),
    "clarinet": ("clarinet", "sax"),
    "oboe": ("oboe", "clarinet", "sax"),
    "bassoon": ("bassoon", "clarinet", "sax"),
    "bagpipes": ("bagpipes", "oboe", "sax"),
    "vocals": ("sung_words", "voice"),
    "congas": ("latin_kit", "hand_kit"),
    "tabla": ("tabla", "hand_kit"),
    "djembe": ("djembe", "hand_kit"),
    "taiko": ("taiko", "orchestral_kit"),
    "theremin": ("theremin", "soft_lead", "lead"),
    "mellotron": ("mellotron", "strings"),
    "arpeggio": ("arpeggio", "pluck"),
}
"""Instruments for a concept, best first; the first that exists is used, and any but the first is an approximation."""


def known_instrument(concept: str) -> str | None:
    """Return the instrument or stem for a concept, or the nearest one that exists."""
    options = INSTRUMENT_FALLBACKS.get(concept, (concept,))
    return next((name for name in options if name in CATALOGUE or name in STEMS), None)


def can_play_alone(included: Sequence[str], excluded: Sequence[str] = ()) -> bool:
    """Return whether one of the included instruments plays more than a background noise."""
    names = [name for name in included if name not in excluded]
    return any(name in STEMS or default_parts.default_stem(name) != "texture" for name in names)
