"""The room and the bus chain of a mix, chosen by style and seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio import random_streams
from engines.studio.dsp.arrays import Wave
from engines.studio.effects.base_effects import Effect, Equaliser, bell, cut, high_shelf, low_shelf, saturation
from engines.studio.effects.rooms import room_impulse_response
from engines.studio.mixing.automation import NO_AUTOMATION, Automation
from engines.studio.model.style import Style

LONG_REVERB_SECONDS: Final = 2.0
SHORT_REVERB_SECONDS: Final = 1.25
REVERB_SPREAD: Final = 0.15
"""Largest deviation of the decay time from the style's, as a share."""
DRIVE_REFERENCE: Final = 0.25
"""Peak level around which the saturation of a bus bends."""

CLUB_STYLES: Final = frozenset(
    ["house", "techno", "trance", "dnb", "dubstep", "bigroom", "hardstyle", "uk_garage", "amapiano", "reggaeton",
     "dancehall", "trap", "phonk", "hyperpop", "afrobeats", "industrial", "disco"]
)  # fmt: skip
HALL_STYLES: Final = frozenset(
    ["cinematic", "classical_piano", "piano", "quartet", "baroque", "waltz", "hymn", "ambient", "drone", "meditation",
     "horror", "lullaby", "tango", "march", "christmas"]
)  # fmt: skip
TAPE_STYLES: Final = frozenset(
    ["lofi", "boombap", "soul", "funk", "neosoul", "rock", "indie", "grunge", "blues", "reggae", "ska", "sixties_pop",
     "country", "folk", "punk", "shoegaze", "gospel", "bossa", "samba", "cumbia", "salsa", "jazz"]
)  # fmt: skip
VINYL_STYLES: Final = frozenset(["lofi", "boombap", "phonk", "sixties_pop"])


@dataclass(frozen=True, slots=True)
class BusChain:
    """The treatment of every stem: an equaliser, and a saturation of ``drive`` (0 is none)."""

    sections: tuple[np.ndarray, ...] = ()
    drive: float = 0.0

    def effects(self, *sections: np.ndarray) -> tuple[Effect, ...]:
        """Return new effects, in order, with further ``sections`` of the equaliser.

        The stems add up to the mix after them, since each stem has its own.
        """
        equaliser = Equaliser(*self.sections, *sections)
        return (saturation(self.drive / DRIVE_REFERENCE), equaliser) if self.drive else (equaliser,)


BUS_CHAINS: Final[Mapping[str, BusChain]] = {
    "studio": BusChain((bell(3200.0, 0.8, 0.6), high_shelf(10_000.0, 1.2))),
    "tape": BusChain((bell(75.0, 1.2, 0.9), bell(5200.0, 1.0, 0.7), high_shelf(13_000.0, -1.0)), 0.35),
    "vinyl": BusChain((bell(110.0, 1.5, 0.8), high_shelf(9000.0, -1.5), cut(13_500.0, "lowpass")), 0.4),
    "club": BusChain((low_shelf(85.0, 1.0), bell(350.0, -1.2, 0.8), high_shelf(9000.0, 1.8)), 0.25),
    "hall": BusChain((bell(300.0, -0.8, 0.6), high_shelf(8000.0, 1.5))),
    "console": BusChain((bell(140.0, 0.8, 0.7), bell(1800.0, 0.8, 0.6), high_shelf(9000.0, 1.2)), 0.2),
}


@dataclass(frozen=True, slots=True)
class MixCharacter:
    """The style of a mix, the kind, decay time, brightness and seed of its room, its bus chain and its automation."""

    style: Style
    room: str
    reverb_seconds: float
    reverb_brightness_hz: float
    room_seed: int
    chain: str
    automation: Automation = NO_AUTOMATION

    def response(self, max_seconds: float | None = None) -> Wave:
        """Return the impulse response of the room, shape (2, frames), with a decay of at most ``max_seconds``."""
        seconds = min(max_seconds or self.reverb_seconds, self.reverb_seconds)
        return room_impulse_response(self.room, seconds, self.reverb_brightness_hz, self.room_seed)


def choose_character(style: Style, seed: int) -> MixCharacter:
    """Choose a room and a bus chain that suit a style."""
    rng = random_streams.stream(seed, "mix character", style.key)
    seconds, brightness = style.reverb
    room = random_streams.pick(rng, _rooms(style))
    chain = random_streams.pick(rng, _chains(style))
    seconds *= 1.0 + float(rng.uniform(-REVERB_SPREAD, REVERB_SPREAD))
    brightness *= 2 ** float(rng.uniform(-0.3, 0.3))
    return MixCharacter(style, room, round(seconds, 3), round(brightness), int(rng.integers(4)), chain)


def _rooms(style: Style) -> tuple[str, ...]:
    if style.key in CLUB_STYLES:
        return ("club", "plate", "studio") if style.reverb[0] < LONG_REVERB_SECONDS else ("club", "plate", "hall")
    if style.key in HALL_STYLES or style.reverb[0] >= LONG_REVERB_SECONDS:
        return ("hall", "hall", "chamber")
    return ("studio", "chamber", "plate") if style.reverb[0] >= SHORT_REVERB_SECONDS else ("studio", "studio", "plate")


def _chains(style: Style) -> tuple[str, ...]:
    if style.key in VINYL_STYLES:
        return ("tape", "vinyl")
    if style.key in CLUB_STYLES:
        return ("club", "club", "console")
    if style.key in HALL_STYLES:
        return ("hall",)
    return ("tape", "console") if style.key in TAPE_STYLES else ("studio", "console")
