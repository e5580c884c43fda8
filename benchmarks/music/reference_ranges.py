"""Ranges of the metrics in human-made music, and the exemptions of some styles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Range:
    """5th to 95th percentile and middle half of a metric over 53 human-made tracks of a minute (audio.md)."""

    name: str
    unit: str
    low: float
    high: float
    inner_low: float
    inner_high: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high

    def is_in_middle_half(self, value: float) -> bool:
        return self.inner_low <= value <= self.inner_high


@dataclass(frozen=True, slots=True)
class Exemption:
    """The reason why a style may leave a range on one side, "below" or "above"."""

    side: str
    reason: str

    def applies_to(self, range_: Range, value: float) -> bool:
        """Return whether the value is on the exempt side of the range."""
        return value < range_.low if self.side == "below" else value > range_.high


NO_BEAT: Final = Exemption("below", "no beat")
SLOW: Final = Exemption("below", "slow attacks, few onsets")
EXEMPTIONS: Final[Mapping[str, Mapping[str, Exemption]]] = {
    "Ambient": {"onsets": SLOW, "pulse": NO_BEAT},
    "Drone": {
        "onsets": SLOW,
        "pulse": NO_BEAT,
        "chord_changes": Exemption("below", "a drone stays on its chord"),
        "chord_entropy": Exemption("below", "a drone stays on its chord"),
        "timbre_variety": Exemption("below", "no changes of instrumentation"),
    },
    "Horror": {
        "pulse": NO_BEAT,
        "chord_entropy": Exemption("above", "clusters of semitones fit no triad"),
        "pitch_class_entropy": Exemption("above", "clusters of semitones fill the octave"),
    },
    "Meditation music": {"onsets": SLOW, "pulse": NO_BEAT},
    "Solo piano": {
        "band_sub": Exemption("below", "a piano seldom plays under 60 Hz"),
        "micro_dynamics": Exemption("above", "every piano tone decays, and no other part sustains"),
    },
    "String quartet": {
        "band_sub": Exemption("below", "the lowest string of a cello is 65 Hz"),
        "onsets": SLOW,
        "pulse": Exemption("below", "bowed tones without drums mark no beat"),
    },
}
"""Exemptions of solo, drone and ambient styles."""


def applicable_ranges(style: str, values: Mapping[str, float]) -> dict[str, Range]:
    """Return the ranges that apply to a style, without those that it leaves on an exempt side."""
    exemptions = EXEMPTIONS.get(style, {})
    return {
        name: range_
        for name, range_ in RANGES.items()
        if not (name in exemptions and exemptions[name].applies_to(range_, values[name]))
    }


RANGES: Final[Mapping[str, Range]] = {
    "loudness_range": Range("loudness range", "LU", 1.5, 9.6, 2.5, 5.2),
    "micro_dynamics": Range("micro-dynamics", "dB", 0.45, 2.7, 0.85, 2.3),
    "peak_to_loudness": Range("peak to loudness", "dB", 7.4, 17.9, 12.4, 15.6),
    "side_mid": Range("side/mid", "dB", -20, -2, -13.7, -5.9),
    "slope": Range("spectral slope", "dB/oct", -9.1, -4.1, -7.0, -4.7),
    "band_sub": Range("sub", "dB", -33, -3.5, -17, -7),
    "band_low": Range("low", "dB", -10, -1.6, -5, -3),
    "band_mid": Range("mid", "dB", -11, -1.2, -8, -3),
    "band_high": Range("high", "dB", -27, -9, -19, -12),
    "band_air": Range("air", "dB", -48, -15, -32, -20),
    "centroid": Range("spectral centroid", "Hz", 660, 2970, 1230, 2460),
    "onsets": Range("onsets per second", "1/s", 1.0, 6.0, 2.9, 5.1),
    "pulse": Range("pulse clarity", "", 0.25, 0.74, 0.40, 0.62),
    "chord_changes": Range("chord changes", "1/min", 14, 55, 23, 45),
    "chord_entropy": Range("chord entropy", "bit", 1.2, 3.3, 1.9, 2.8),
    "pitch_class_entropy": Range("pitch-class entropy", "bit", 2.3, 3.45, 2.9, 3.3),
    "chord_fit": Range("chord fit", "", 0.67, 0.82, 0.72, 0.80),
    "timbre_variety": Range("timbre variety", "", 12, 59, 19, 34),
    "repetition": Range("repetition", "", 0.45, 0.63, 0.49, 0.56),
    "copied_blocks": Range("copied 2 s blocks", "", 0, 0, 0, 0),
    "peaks": Range("spectral peaks at once", "", 4.2, 11, 6.1, 8.9),
    "peak_octaves": Range("range of the peaks", "octaves", 3.7, 7.1, 4.8, 6.3),
}

FURTHER_RANGES: Final[Mapping[str, Range]] = {
    "key_fit": Range("key fit", "", 0.53, 0.85, 0.64, 0.78),
    "percussion": Range("percussion to harmony", "dB", -10.6, -2.3, -9.8, -4.0),
    "roughness": Range("third-octave roughness", "dB", 2.3, 3.9, 2.6, 3.3),
    "level_jump": Range("largest level jump", "LU", 1.6, 7.3, 2.8, 4.8),
}
"""Ranges of further metrics over 14 to 26 tracks of two free games; they are reported and not part of the shares."""
