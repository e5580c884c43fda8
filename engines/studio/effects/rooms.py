"""Impulse responses of rooms and plates: early reflections, and a late tail whose bands decay at different rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Reals, Wave
from engines.studio.effects.base_effects import cut

BANDS_HZ: Final = ((200.0, 900.0), (900.0, 3000.0), (3000.0, 9000.0), (9000.0, 16_000.0))


@dataclass(frozen=True, slots=True)
class Room:
    """A kind of room.

    - ``decays``: the decay time of each of BANDS_HZ as a share of the requested one.
    - ``early``: the time in milliseconds of the first and the last early reflection; ``reflections`` their number in
      each channel and ``early_level`` their level relative to the tail.
    - ``onset``: milliseconds until the tail has its full density.
    - ``shared``: the level of the tail that both channels share: less is wider.
    """

    decays: tuple[float, float, float, float]
    early: tuple[float, float]
    reflections: int
    early_level: float
    onset: float
    shared: float


ROOMS: Final[Mapping[str, Room]] = {
    "hall": Room((1.05, 0.85, 0.5, 0.28), (17.0, 85.0), 16, 1.3, 60.0, 0.6),
    "chamber": Room((1.0, 0.8, 0.55, 0.32), (8.0, 48.0), 14, 1.5, 30.0, 0.7),
    "studio": Room((0.9, 0.8, 0.6, 0.4), (3.5, 28.0), 12, 2.2, 14.0, 0.8),
    "club": Room((1.15, 0.75, 0.45, 0.25), (6.0, 40.0), 9, 2.0, 20.0, 0.75),
    "plate": Room((0.85, 1.0, 0.8, 0.5), (0.0, 0.0), 0, 0.0, 5.0, 0.45),
}
"""Halls after Moorer 1979 and Beranek 2004: few strong reflections, then noise; a plate is dense at once and bright."""


@lru_cache(maxsize=4)
def room_impulse_response(name: str, seconds: float, brightness_hz: float, seed: int) -> Wave:
    """Return the impulse response of a room of ROOMS, shape (2, frames), with unit energy per channel.

    ``seconds`` is the decay time of the lowest band and ``brightness_hz`` a frequency above which the decay shortens.
    The reflections and the tail depend on the seed.
    """
    room, rng = ROOMS[name], random_streams.stream(seed, "room", name)
    frames = int(seconds * 1.15 * SAMPLE_RATE)
    axis = np.arange(frames) / SAMPLE_RATE
    response = np.zeros((2, frames))
    for (low, high), share in zip(BANDS_HZ, room.decays, strict=True):
        length = seconds * share * min(1.0, (brightness_hz / high) ** 0.35)
        noise = rng.standard_normal((2, frames)) + room.shared * rng.standard_normal(frames)
        band = filters.butter_bandpass(1, low, high)
        response += filters.sosfilt(band, noise)[0] * 10 ** (-3.0 * axis / length)
    response *= np.clip((axis - room.early[0] / 1000.0) * 1000.0 / room.onset, 0.0, 1.0)
    response += _early_reflections(room, frames, rng) * float(np.abs(response).max())
    shaped = filters.sosfilt(cut(180.0), response)[0]
    return np.asarray(shaped / np.sqrt(np.sum(shaped**2, axis=1, keepdims=True)), dtype=np.float32)


def _early_reflections(room: Room, frames: int, rng: np.random.Generator) -> Reals:
    """Return reflections that become denser and quieter, shape (2, frames), each a little dull and with its own sign.

    The time between reflections falls with time, as the number of image sources grows (Allen & Berkley 1979).
    """
    reflections = np.zeros((2, frames))
    first, last = room.early
    for channel in reflections:
        for number in range(room.reflections):
            place = ((number + float(rng.uniform(0.1, 0.9))) / room.reflections) ** 0.7
            start = int((first + (last - first) * place) / 1000.0 * SAMPLE_RATE)
            level = room.early_level * (1.0 - 0.7 * place) * float(rng.choice((-1.0, 1.0)))
            tap = level * np.array([0.3, 0.45, 0.25]) * float(rng.uniform(0.5, 1.0))
            end = min(frames, start + len(tap))
            channel[start:end] += tap[: end - start]
    return reflections
