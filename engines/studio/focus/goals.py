"""Tempos, styles and loudness for each goal of a focus session. Imports no audio code: servers use this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.focus import Goal, Intensity

Arc = tuple[tuple[float, float], ...]
"""Points of position and value, with ascending positions from 0 to 1."""


def arc_value(arc: Arc, position: float) -> float:
    """Return the value of an arc at a position, interpolated between its points."""
    position = min(1.0, max(0.0, position))
    for (start, first), (end, last) in pairwise(arc):
        if position <= end:
            return first + (last - first) * (position - start) / (end - start)
    return arc[-1][1]


@dataclass(frozen=True, slots=True)
class GoalProfile:
    """The musical settings of a goal.

    ``tempos`` are in BPM and multiples of six, so that 20 seconds are a whole number of half bars and 40 seconds of
    bars. ``styles`` suit these tempos; the first one is the most likely. ``melody_lu`` is added to the level of melody
    parts. ``key_families`` are those of the first key.

    ``energy_arc`` and ``tempo_arc`` map the position in a session (0 to 1) to an offset of the energy, and to a
    share of the largest tempo change, -1 to 1; both are interpolated.
    """

    lufs: float
    tempos: Mapping[Intensity, tuple[int, ...]]
    styles: Mapping[Intensity, tuple[str, ...]]
    energy_arc: Arc
    tempo_arc: Arc
    melody_lu: float = 0.0
    has_drums: bool = True
    key_families: tuple[str, ...] = ("major", "minor")


LOW, MEDIUM, HIGH = Intensity.LOW, Intensity.MEDIUM, Intensity.HIGH
ENERGY_OFFSETS: Final[Mapping[Intensity, float]] = {LOW: -0.12, MEDIUM: 0.0, HIGH: 0.12}
"""Added to the energy of a style."""

GOAL_PROFILES: Final[Mapping[Goal, GoalProfile]] = {
    Goal.FOCUS: GoalProfile(
        -16.0,
        {LOW: (66, 72), MEDIUM: (72, 78, 84), HIGH: (84, 90)},
        {
            LOW: ("ambient", "lofi", "piano"),
            MEDIUM: ("lofi", "ambient", "neosoul"),
            HIGH: ("lofi", "synthwave", "boombap"),
        },
        # warm up, concentrate, ease off
        energy_arc=((0.0, -0.06), (0.25, 0.0), (0.6, 0.06), (0.85, 0.03), (1.0, -0.06)),
        tempo_arc=((0.0, 0.0), (0.3, 1.0), (0.75, 1.0), (1.0, 0.0)),
        melody_lu=-4.0,
    ),
    Goal.RELAX: GoalProfile(
        -18.0,
        {LOW: (54, 60), MEDIUM: (60, 66, 72), HIGH: (72, 78)},
        {
            LOW: ("ambient", "meditation", "piano"),
            MEDIUM: ("piano", "ambient", "meditation"),
            HIGH: ("lofi", "piano", "neosoul"),
        },
        # slow down and settle
        energy_arc=((0.0, 0.06), (0.5, 0.0), (1.0, -0.08)),
        tempo_arc=((0.0, 0.0), (0.5, -0.6), (1.0, -1.0)),
        melody_lu=-1.5,
    ),
    Goal.SLEEP: GoalProfile(
        -20.0,
        {LOW: (48, 54), MEDIUM: (54, 60), HIGH: (60, 66)},
        {
            LOW: ("drone", "ambient"),
            MEDIUM: ("ambient", "drone", "meditation"),
            HIGH: ("ambient", "meditation", "piano"),
        },
        # fade into stillness within the first half
        energy_arc=((0.0, 0.06), (0.5, -0.05), (1.0, -0.1)),
        tempo_arc=((0.0, 0.0), (0.4, -1.0), (1.0, -1.0)),
        melody_lu=-4.0,
        has_drums=False,
    ),
    Goal.ENERGIZE: GoalProfile(
        -14.2,
        {LOW: (120,), MEDIUM: (120, 126), HIGH: (132, 138, 174)},
        {LOW: ("house",), MEDIUM: ("house", "techno"), HIGH: ("techno", "trance", "dnb")},
        # warm up, peak at three quarters, cool down
        energy_arc=((0.0, -0.1), (0.35, 0.03), (0.75, 0.12), (1.0, -0.04)),
        tempo_arc=((0.0, 0.0), (0.4, 0.5), (0.75, 1.0), (1.0, 0.0)),
        key_families=("minor",),
    ),
    Goal.CUSTOM_PROMPT: GoalProfile(
        -16.0,
        {LOW: (66, 72), MEDIUM: (72, 78, 84), HIGH: (84, 90)},
        {LOW: ("ambient", "lofi"), MEDIUM: ("lofi", "ambient"), HIGH: ("lofi", "synthwave")},
        energy_arc=((0.0, -0.05), (0.35, 0.02), (0.7, 0.06), (1.0, -0.05)),
        tempo_arc=((0.0, 0.0), (0.35, 0.6), (0.7, 1.0), (1.0, 0.0)),
    ),
}
"""The values of CUSTOM_PROMPT apply if the prompt names neither a style nor a tempo."""
