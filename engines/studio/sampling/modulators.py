"""Modulators of SoundFonts: generators that follow velocity and key (SoundFont 2.04, sections 8.2 to 8.4 and 9.5).

Other controllers do not move in this engine, and the level of a note follows the engine's own velocity curve: such
modulators are not read, among them the default one from velocity to attenuation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Final

NO_CONTROLLER, VELOCITY, KEY = 0, 2, 3
"""Controllers that are read."""
MIDI_CONTROLLER, NEGATIVE, BIPOLAR = 1 << 7, 1 << 8, 1 << 9
"""Flags of a source."""
LINEAR, CONCAVE, CONVEX, SWITCH = range(4)
"""Curves of a source, from bit 10 on."""
ABSOLUTE_VALUE: Final = 2
"""The transform that drops the sign."""
FILTER_FC, ATTENUATION = 8, 48
CONCAVE_DECIBELS: Final = 96.0
HIGHEST: Final = 127


@dataclass(frozen=True, slots=True)
class Modulator:
    """A modulator, as in a file: source, generator, amount, source of the amount, transform."""

    source: int
    generator: int
    amount: int
    amount_source: int
    transform: int

    @property
    def identity(self) -> tuple[int, int, int, int]:
        """Modulators with the same identity replace each other."""
        return self.source, self.generator, self.amount_source, self.transform

    @property
    def is_read(self) -> bool:
        sources = (self.source, self.amount_source)
        is_level = self.generator == ATTENUATION and any(source & 0x7F == VELOCITY for source in sources)
        return not is_level and all(_is_known(source) for source in sources)

    def value(self, key: int, velocity: int) -> float:
        """Return what the modulator adds to its generator for a MIDI key and a velocity from 1 to 127."""
        factors = (_curve(source, key, velocity) for source in (self.source, self.amount_source))
        value = self.amount * next(factors) * next(factors)
        return abs(value) if self.transform == ABSOLUTE_VALUE else value


DEFAULTS: Final = (Modulator(VELOCITY | NEGATIVE, FILTER_FC, -2400, NO_CONTROLLER, 0),)
"""The default modulators that are read: soft notes have a lower cutoff (section 8.4.2)."""


def replace_same(*groups: Iterable[Modulator]) -> tuple[Modulator, ...]:
    """Return the modulators of all groups; those of a later group replace those with the same identity."""
    return tuple({one.identity: one for group in groups for one in group}.values())


def add_to(generators: Mapping[int, int], modulators: Iterable[Modulator], key: int, velocity: int) -> dict[int, int]:
    """Return the generators for a key and a velocity."""
    result = dict(generators)
    for one in modulators:
        if one.generator in result:
            result[one.generator] = round(result[one.generator] + one.value(key, velocity))
    return result


def _is_known(source: int) -> bool:
    return not source & MIDI_CONTROLLER and source & 0x7F in {NO_CONTROLLER, VELOCITY, KEY} and source >> 10 <= SWITCH


def _curve(source: int, key: int, velocity: int) -> float:
    """Return the value of a source, 0 to 1 or -1 to 1."""
    controller = source & 0x7F
    if controller == NO_CONTROLLER:
        return 1.0
    share = (velocity if controller == VELOCITY else key) / HIGHEST
    share = 1.0 - share if source & NEGATIVE else share
    if not source & BIPOLAR:
        return _shaped(share, source >> 10)
    centred = 2.0 * share - 1.0
    return _shaped(abs(centred), source >> 10) * (1.0 if centred >= 0.0 else -1.0)


def _shaped(share: float, curve: int) -> float:
    if curve == CONCAVE:
        return _concave(share)
    if curve == CONVEX:
        return 1.0 - _concave(1.0 - share)
    if curve == SWITCH:
        return 1.0 if share >= 0.5 else 0.0
    return share


def _concave(share: float) -> float:
    """Return a curve that is linear in decibels, 1 at the top."""
    return 1.0 if share >= 1.0 else min(1.0, -40.0 / CONCAVE_DECIBELS * log10(1.0 - share))
