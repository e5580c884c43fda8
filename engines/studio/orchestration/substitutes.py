"""Substitutes for instruments, of similar range and character, for variety in focus sessions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engines.studio import random_streams
from engines.studio.model.style import Part

SUBSTITUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "electric_piano": ("reed_keys", "piano", "vibraphone"),
    "piano": ("electric_piano", "harp", "reed_keys"),
    "nylon_guitar": ("harp", "kalimba", "electric_guitar"),
    "steel_guitar": ("nylon_guitar", "harp"),
    "harp": ("nylon_guitar", "kalimba", "vibraphone"),
    "vibraphone": ("kalimba", "bells", "marimba", "soft_lead"),
    "bells": ("vibraphone", "kalimba", "glass_pad"),
    "trumpet": ("vibraphone", "flute", "soft_lead"),
    "flute": ("clarinet", "soft_lead", "vibraphone"),
    "sax": ("flute", "clarinet", "vibraphone"),
    "soft_lead": ("flute", "pluck", "bells"),
    "pluck": ("kalimba", "marimba", "soft_lead"),
    "lead": ("soft_lead", "pluck"),
    "stab": ("pluck", "electric_piano", "organ"),
    "warm_pad": ("glass_pad", "strings", "choir"),
    "glass_pad": ("warm_pad", "humming", "strings"),
    "choir": ("humming", "strings", "warm_pad"),
    "humming": ("choir", "strings"),
    "strings": ("warm_pad", "choir"),
    "organ": ("warm_pad", "strings"),
    "handpan": ("kalimba", "harp"),
    "upright_bass": ("electric_bass",),
    "electric_bass": ("upright_bass",),
}


def substitute_instruments(parts: tuple[Part, ...], probability: float, seed: int) -> tuple[Part, ...]:
    """Replace the instrument of each part that has substitutes, with the given probability."""
    return tuple(_substitute(part, probability, seed) for part in parts)


def _substitute(part: Part, probability: float, seed: int) -> Part:
    rng = random_streams.stream(seed, "seat", part.name)
    options = SUBSTITUTES.get(part.instrument, ())
    if not options or not random_streams.chance(rng, probability):
        return part
    return replace(part, instrument=random_streams.pick(rng, options))
