"""Resonant bodies: their response to the partials of a string, and the knock of their own modes.

Commuted synthesis (Smith 1993, Karjalainen & al. 1993) excites a string with the impulse response of the body. For a
string of damped partials the result is the same as to weight each partial by the body's response at its frequency and
to add the body's modes, excited by the pluck.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp.arrays import Mono, Reals
from engines.studio.dsp.convolution import ShortResponse
from engines.studio.instruments.oscillators import damped_modes, to_frames

RESPONSE_FRAMES: Final = 2048


@dataclass(frozen=True)
class Body:
    """A body with its main resonances in hertz, and ``count`` dense modes from ``low`` to ``high`` hertz.

    ``depth`` is the spread (sd) of the response in dB, ``q`` the quality of all modes, ``tilt`` the fall of the
    knock's spectrum in dB per octave above the first resonance.
    """

    name: str
    resonances: tuple[float, ...]
    low: float = 500.0
    high: float = 7000.0
    count: int = 40
    depth: float = 3.5
    q: float = 22.0
    tilt: float = 4.0

    @cached_property
    def _modes(self) -> tuple[Reals, Reals, Reals]:
        """The frequencies, the gains of the knock, and the signed deviations of the response in dB."""
        rng = random_streams.stream(0, "body", self.name)
        places = (np.arange(self.count) + rng.uniform(0.1, 0.9, self.count)) / self.count
        hertz = np.concatenate([self.resonances, self.low * (self.high / self.low) ** places])
        gains = 10 ** (-self.tilt / 20 * np.log2(hertz / hertz[0])) * rng.uniform(0.5, 1.4, len(hertz))
        deviations = rng.normal(0.0, self.depth * 1.6, len(hertz))
        deviations[: len(self.resonances)] = 1.3 * self.depth
        return hertz, gains, deviations

    def response(self, hz: Reals) -> Reals:
        """Return the gain of each frequency, 1 on average."""
        modes, _, deviations = self._modes
        distance = np.log2(hz[:, None] / modes)
        return np.asarray(10 ** ((deviations / (1 + (distance * self.q * 0.6) ** 2)).sum(axis=1) / 20))

    @cached_property
    def impulse_response(self) -> Mono:
        """The sound of a unit impulse through the body, shape (RESPONSE_FRAMES,): itself and all modes."""
        rng = random_streams.stream(0, "impulse", self.name)
        modes, _, deviations = self._modes
        peaks = 10 ** (np.abs(deviations) / 20) - 1.0
        response = damped_modes(
            modes,
            peaks * 2 * np.pi * modes / (self.q * SAMPLE_RATE),
            2.2 * self.q / modes,
            RESPONSE_FRAMES,
            rng.uniform(0.0, 6.28, len(modes)),
        )
        response[0] += 1.0
        return np.asarray(response / np.sqrt(np.sum(response**2)), dtype=np.float32)

    @cached_property
    def filter(self) -> ShortResponse:
        """The body as a filter of other sounds."""
        return ShortResponse(self.impulse_response)

    def knock(self, hardness: float, seconds: float, rng: np.random.Generator) -> Mono:
        """Return the modes of the body after a knock, shape (frames,); ``hardness`` from 0 to 1 excites high modes."""
        modes, gains, _ = self._modes
        levels = gains * np.exp(-modes / (900.0 + 5200.0 * hardness)) * rng.uniform(0.7, 1.3, len(modes))
        falls = np.minimum(2.2 * self.q / modes + 0.012, seconds)
        return damped_modes(modes, levels, falls, to_frames(seconds), rng.uniform(0.0, 6.28, len(modes)))


GUITAR = Body("guitar", (102.0, 205.0, 285.0, 410.0))
HOLLOW = Body("hollow", (62.0, 108.0, 165.0, 240.0), low=300.0, high=4000.0, count=30, q=16.0)
"""The body of a double bass."""
SOLID = Body("solid", (180.0, 420.0), low=700.0, high=6000.0, count=24, depth=2.0, q=12.0)
"""A board with pickups: a flat response and a short knock."""
SKIN = Body("skin", (240.0, 390.0, 560.0), low=700.0, high=8000.0, depth=4.5, q=14.0, tilt=2.0)
"""The head of a banjo."""
BOX = Body("box", (150.0, 310.0, 480.0), low=600.0, high=9000.0, depth=3.5, q=18.0, tilt=3.0)
"""The long, light body of a zither or a lute."""
SOUNDBOARD = Body("soundboard", (58.0, 95.0, 132.0, 190.0, 260.0), low=320.0, high=6500.0, count=56, depth=2.0, q=18.0,
                  tilt=4.5)  # fmt: skip
VIOLIN = Body("violin", (275.0, 460.0, 550.0, 700.0), low=850.0, high=6500.0, count=44, depth=4.5, q=24.0)
"""Air resonance, main wood resonances and the bridge hill (Fletcher & Rossing 1998)."""
CELLO = Body("cello", (98.0, 180.0, 225.0, 320.0), low=420.0, high=4500.0, count=44, depth=4.5, q=22.0)
