"""Filter and level automation: stems open in intros and builds, sink in breakdowns and close in outros."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp import filters
from engines.studio.dsp.arrays import Wave, ramps
from engines.studio.effects.base_effects import cut
from engines.studio.model.composition import LAST_CHORD, Section
from engines.studio.model.song_form import role_of

SWEPT_STEMS: Final = frozenset({"harmony", "melody", "texture"})
ALL_STEMS: Final = SWEPT_STEMS | {"drums", "bass"}
SWEPT_STYLES: Final = {
    **dict.fromkeys(
        ["house", "techno", "trance", "bigroom", "dnb", "dubstep", "uk_garage", "hardstyle", "amapiano", "synthwave",
         "ambient", "disco", "hyperpop", "industrial", "eighties_pop"],
        SWEPT_STEMS,
    ),
    **dict.fromkeys(["lofi", "boombap", "phonk", "trap"], ALL_STEMS),
}  # fmt: skip
"""The stems that the styles with automation sweep; a beat made of samples is filtered as a whole."""
PROBABILITY: Final = 0.75
DEPTHS: Final = (2.5, 3.2, 4.0)
"""How far a filter closes, in octaves below OPEN_HZ: to 3.1, 1.9 or 1.1 kHz."""
OPEN_HZ: Final = 17_500.0
BREAK_DEPTH, OUTRO_DEPTH = 0.75, 0.6
"""The depths of breakdowns and outros as shares of an intro's."""
BREAK_POSITION: Final = 0.25
"""Where a breakdown is deepest, as a share of its length."""
MIN_RISE: Final = 0.05
"""The rise of energy into the next section from which an intro or a build opens."""
DECIBELS_PER_OCTAVE: Final = -0.8
"""The level of a stem falls with its filter."""
STEP_FRAMES: Final = 2048
"""Frames after which the coefficients follow the curve; 3 octaves in 8 s are steps of a fiftieth of an octave."""
STEPS_PER_OCTAVE: Final = 48


@dataclass(frozen=True, slots=True)
class Automation:
    """The stems of a sweep, and its curve: seconds and octaves below OPEN_HZ, linear between the points."""

    stems: frozenset[str] = frozenset()
    points: tuple[tuple[float, float], ...] = ()

    def filter_of(self, stem: str) -> "SweptFilter | None":
        return SweptFilter(self.points) if stem in self.stems and self.points else None


NO_AUTOMATION: Final = Automation()


class SweptFilter:
    """An effect: a low-pass of second order whose cut-off frequency and level follow a curve."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._seconds, self._octaves = np.array(points).T
        self._clock = 0
        self._state: np.ndarray | None = None

    def skip(self, frames: int) -> None:
        """Continue the curve after frames of silence that are not filtered."""
        self._clock += frames
        self._state = None

    def __call__(self, block: Wave) -> Wave:
        frames = block.shape[1]
        starts = np.arange(0, frames + STEP_FRAMES, STEP_FRAMES)
        octaves = np.interp((self._clock + starts) / SAMPLE_RATE, self._seconds, self._octaves)
        self._clock += frames
        if not octaves.any():
            self._state = None
            return block
        curve = ramps(octaves, STEP_FRAMES)[:frames]
        shares = np.minimum(np.float32(1.0), 2 * curve)
        levels = np.exp(curve * np.float32(DECIBELS_PER_OCTAVE * np.log(10.0) / 20))
        for start, octave in zip(starts[:-1].tolist(), octaves.tolist(), strict=False):
            part = slice(start, start + STEP_FRAMES)
            dry, filtered = block[:, part], block[:, part].copy()
            section = _low_pass(round(octave * STEPS_PER_OCTAVE))
            self._state = filters.sosfilt_in_place(section, filtered, self._state)
            filtered -= dry
            filtered *= shares[part]
            filtered += dry
            np.multiply(filtered, levels[part], out=dry)
        return block


@cache
def _low_pass(steps: int) -> np.ndarray:
    return cut(OPEN_HZ * 2 ** (-steps / STEPS_PER_OCTAVE), "lowpass").astype(np.float32)


def choose_automation(
    style: str, sections: Sequence[Section], seconds_at: Callable[[float], float], seed: int
) -> Automation:
    """Choose the sweeps of a track. Sections that a request describes are left as they are."""
    if style not in SWEPT_STYLES:
        return NO_AUTOMATION
    depth = random_streams.pick(random_streams.stream(seed, "sweep"), DEPTHS)
    points: list[tuple[float, float]] = []
    for index, section in enumerate(sections):
        is_swept = random_streams.chance(random_streams.stream(seed, "sweep", section.name, index), PROBABILITY)
        if section.requested is None and section.name != LAST_CHORD and is_swept:
            following = sections[min(index + 1, len(sections) - 1)]
            start, end = seconds_at(section.start), seconds_at(section.end)
            points += [(start + share * (end - start), depth * part) for share, part in _shape(section, following)]
    if points and points[-1][1] == 0.0:
        points.append((points[-1][0] + 1.0, 0.0))
    return Automation(SWEPT_STYLES[style], tuple(points))


def _shape(section: Section, following: Section) -> tuple[tuple[float, float], ...]:
    """Return the sweep of a section: pairs of a share of its length and a share of the depth; none for most."""
    role = role_of(section.name)
    rises = following.name != LAST_CHORD and following.energy >= section.energy + MIN_RISE
    if rises and (section.is_first or section.name == "build"):
        return (0.0, 1.0), (1.0, 0.0)
    if rises and role == "break":
        return (0.0, 0.0), (BREAK_POSITION, BREAK_DEPTH), (1.0, 0.0)
    if role == "outro":
        return (0.0, 0.0), (1.0, OUTRO_DEPTH)
    return ()
