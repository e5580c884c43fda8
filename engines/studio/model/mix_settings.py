"""Settings of mixing and mastering that a request can change."""

from dataclasses import dataclass
from typing import Final, Literal

DEFAULT_LUFS: Final = -14.3
"""Loudness of a master if the request names none."""
DEFAULT_RANGE_LU: Final = (3.0, 4.6)
"""Loudness range of a master; human-made tracks: quartiles 2.5 and 5.2 LU (docs/reference/studio-engine.md)."""


@dataclass(frozen=True, slots=True)
class Band:
    """A band of an equaliser: a filter at ``hertz``; ``amount`` is a gain in dB, for cuts the order of the filter."""

    kind: Literal["high_shelf", "low_shelf", "bell", "low_pass", "high_pass"]
    hertz: float
    amount: float


@dataclass(frozen=True, slots=True)
class MixSettings:
    """The treatment of the whole mix; the defaults change nothing.

    - ``bands``: an equaliser for all stems.
    - ``width``: the factor of the difference between the channels; 0 is mono.
    - ``drum_reverb_seconds``: the longest decay of the drums' reverb.
    - ``compression``: the factor of the style's bus compression.
    - ``loudness_lufs``: the integrated loudness of the master.
    - ``loudness_range_lu``: the smallest and the largest loudness range of the master.
    """

    bands: tuple[Band, ...] = ()
    width: float = 1.0
    drum_reverb_seconds: float = 0.9
    compression: float = 1.0
    loudness_lufs: float = DEFAULT_LUFS
    loudness_range_lu: tuple[float, float] = DEFAULT_RANGE_LU
