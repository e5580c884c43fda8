"""What each goal of a focus session asks for: tempi, styles, loudness. Plain figures, so that servers can read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.focus import Goal, Intensity


@dataclass(frozen=True, slots=True)
class GoalProfile:
    """What a goal asks for, by intensity.

    ``tempi`` in BPM, multiples of six: 20 seconds of them are whole half bars, 40 seconds whole bars. ``styles`` that
    can be played at them, the first being home; ``melody_lu`` is how far tunes stand back; ``families`` are the kinds
    of key to begin in.
    """

    lufs: float
    tempi: Mapping[Intensity, tuple[int, ...]]
    styles: Mapping[Intensity, tuple[str, ...]]
    melody_lu: float = 0.0
    has_drums: bool = True
    key_families: tuple[str, ...] = ("major", "minor")


LOW, MEDIUM, HIGH = Intensity.LOW, Intensity.MEDIUM, Intensity.HIGH
ENERGY_OFFSETS: Final[Mapping[Intensity, float]] = {LOW: -0.12, MEDIUM: 0.0, HIGH: 0.12}
"""What an intensity adds to the energy of a style."""

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
"""The last counts only where the prompt says nothing of style or tempo."""
