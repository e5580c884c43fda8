"""Who may sit in for whom when a session moves on: instruments of the same range and temper."""

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


def substitute_instruments(parts: tuple[Part, ...], change: float, seed: int) -> tuple[Part, ...]:
    """The same seats, each with another instrument with a probability of ``change``, where one may sit in."""
    return tuple(_substitute(part, change, seed) for part in parts)


def _substitute(part: Part, change: float, seed: int) -> Part:
    rng = random_streams.stream(seed, "seat", part.name)
    options = SUBSTITUTES.get(part.instrument, ())
    if not options or not random_streams.chance(rng, change):
        return part
    return replace(part, instrument=random_streams.pick(rng, options))
