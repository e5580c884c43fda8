"""Tempos, styles and loudness for each goal of a focus session. Imports no audio code: servers use this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.focus import Goal, Intensity


@dataclass(frozen=True, slots=True)
class GoalProfile:
    """The musical settings of a goal.

    ``tempos`` are in BPM and multiples of six, so that 20 seconds are a whole number of half bars and 40 seconds of
    bars. ``styles`` suit these tempos; the first one is the most likely. ``melody_lu`` is added to the level of melody
    parts. ``key_families`` are those of the first key.
    """

    lufs: float
    tempos: Mapping[Intensity, tuple[int, ...]]
    styles: Mapping[Intensity, tuple[str, ...]]
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
        melody_lu=-4.0,
        has_drums=False,
    ),
    Goal.ENERGIZE: GoalProfile(
        -14.2,
        {LOW: (120,), MEDIUM: (120, 126), HIGH: (132, 138, 174)},
        {LOW: ("house",), MEDIUM: ("house", "techno"), HIGH: ("techno", "trance", "dnb")},
        key_families=("minor",),
    ),
    Goal.CUSTOM_PROMPT: GoalProfile(
        -16.0,
        {LOW: (66, 72), MEDIUM: (72, 78, 84), HIGH: (84, 90)},
        {LOW: ("ambient", "lofi"), MEDIUM: ("lofi", "ambient"), HIGH: ("lofi", "synthwave")},
    ),
}
"""The values of CUSTOM_PROMPT apply if the prompt names neither a style nor a tempo."""
