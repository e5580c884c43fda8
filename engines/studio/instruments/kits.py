"""Drum kits: stroke, level and pan for each General MIDI key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.drums import (
    StrokeGenerator,
    clap,
    cymbal,
    hat,
    kick,
    noise_burst,
    short_modes,
    snare,
    tom,
)
from engines.studio.instruments.instrument import Instrument, ToneGenerator, fallback_key


@dataclass(frozen=True, slots=True)
class KitPiece:
    """A drum of a kit, with its level in dB and its pan from -1 to 1."""

    stroke: StrokeGenerator
    level: float
    pan: float = 0.0


def kit_tone(pieces: Mapping[int, KitPiece]) -> ToneGenerator:
    """Create a tone generator for a kit. The snare, or else the lowest drum, replaces missing drums."""
    fallback = fallback_key(pieces)

    def tone(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
        del seconds
        piece = pieces.get(pitch, pieces[fallback])
        sound = piece.stroke(velocity, rng) * np.float32(10 ** (piece.level / 20))
        angle = np.pi / 4 * (1 + piece.pan)
        return np.stack([sound * np.float32(np.cos(angle)), sound * np.float32(np.sin(angle))]) * np.float32(1.414)

    return tone


SMALL_PERCUSSION: Final[Mapping[int, KitPiece]] = {
    37: KitPiece(short_modes((1720.0, 2380.0, 480.0), 0.06), -9, 0.1),
    39: KitPiece(clap(), -8, 0.0),
    54: KitPiece(noise_burst(6500, 14_000, 0.16, attack=0.004), -17, 0.35),
    63: KitPiece(short_modes((310.0, 640.0, 1020.0), 0.22), -10, -0.35),
    70: KitPiece(noise_burst(5500, 15_000, 0.09, attack=0.018), -18, -0.4),
}
TOMS: Final[Mapping[int, KitPiece]] = {
    45: KitPiece(tom(92.0, 0.6), -6, 0.35),
    47: KitPiece(tom(128.0, 0.5), -6, 0.05),
    50: KitPiece(tom(172.0, 0.42), -6, -0.3),
}
ACOUSTIC: Final[Mapping[int, KitPiece]] = {
    **SMALL_PERCUSSION,
    **TOMS,
    36: KitPiece(kick(low=54, drop=120, fall=0.09, length=0.32, click=0.35, drive=1.2), 0),
    38: KitPiece(snare(tone=188, ring_for=0.22, wires=0.26, rattle=1.0, bright=9500), -3),
    42: KitPiece(hat(length=0.085, metal=0.25), -16, 0.3),
    44: KitPiece(hat(length=0.06, metal=0.2), -19, 0.3),
    46: KitPiece(hat(length=0.42, metal=0.25), -17.5, 0.3),
    49: KitPiece(cymbal(length=2.4, low=3000), -11, -0.35),
    51: KitPiece(cymbal(length=1.4, low=5200, bell=0.35), -13, 0.4),
}
LOFI: Final[Mapping[int, KitPiece]] = {
    **ACOUSTIC,
    36: KitPiece(kick(low=52, drop=70, fall=0.10, length=0.38, click=0.12, drive=1.8), 0),
    38: KitPiece(snare(tone=172, ring_for=0.18, wires=0.20, rattle=0.8, bright=5200), -3),
    42: KitPiece(hat(length=0.06, low=5200, metal=0.15), -14, 0.2),
}
BRUSHES: Final[Mapping[int, KitPiece]] = {
    **ACOUSTIC,
    36: KitPiece(kick(low=62, drop=60, fall=0.07, length=0.28, click=0.10), -5),
    38: KitPiece(noise_burst(1300, 8000, 0.20, 0.30, attack=0.02), -7, -0.1),
    42: KitPiece(hat(length=0.07, low=7000, metal=0.2), -18, 0.3),
    44: KitPiece(hat(length=0.07, low=5000, metal=0.2), -17, 0.3),
    51: KitPiece(cymbal(length=1.8, low=4500, bell=0.8), -15, 0.35),
}
TR808: Final[Mapping[int, KitPiece]] = {
    **SMALL_PERCUSSION,
    **TOMS,
    36: KitPiece(kick(low=48, drop=60, fall=0.07, length=0.85, click=0.15, drive=1.3), 0),
    38: KitPiece(snare(tone=178, ring_for=0.16, wires=0.18, rattle=0.9, bright=8000), -4),
    42: KitPiece(hat(length=0.05, low=7500, metal=0.8), -15, 0.15),
    46: KitPiece(hat(length=0.4, low=7500, metal=0.8), -15, 0.15),
    49: KitPiece(cymbal(length=2.0, low=4500), -11, -0.2),
    51: KitPiece(cymbal(length=1.2, low=6000, bell=0.2), -14, 0.3),
}
TR909: Final[Mapping[int, KitPiece]] = {
    **TR808,
    36: KitPiece(kick(low=50, drop=210, fall=0.07, length=0.36, click=0.3, drive=2.0), 0),
    38: KitPiece(snare(tone=196, ring_for=0.15, wires=0.22, rattle=1.1, bright=10_000), -4),
    39: KitPiece(clap(length=0.32, low=1000, high=6500), -5),
    42: KitPiece(hat(length=0.055, low=7000, metal=0.45), -16, 0.15),
    46: KitPiece(hat(length=0.30, low=6500, metal=0.4), -15.5, 0.15),
}
GATED: Final[Mapping[int, KitPiece]] = {
    **TR909,
    36: KitPiece(kick(low=56, drop=150, fall=0.06, length=0.30, click=0.25, drive=1.5), 0),
    38: KitPiece(snare(tone=175, ring_for=0.30, wires=0.36, rattle=1.3, bright=8500), -1),
}
ORCHESTRAL: Final[Mapping[int, KitPiece]] = {
    **SMALL_PERCUSSION,
    36: KitPiece(kick(low=42, drop=45, fall=0.2, length=1.3, click=0.05), 0),
    38: KitPiece(snare(tone=190, ring_for=0.15, wires=0.24, rattle=1.0, bright=7500), -12, 0.2),
    45: KitPiece(tom(64.0, 1.0), -2, -0.3),
    47: KitPiece(tom(82.0, 0.9), -2, 0.3),
    50: KitPiece(tom(104.0, 0.8), -3, 0.1),
    49: KitPiece(cymbal(length=3.4, low=2600, attack=0.03), -7, 0.1),
    51: KitPiece(cymbal(length=3.0, low=3000, attack=1.2), -9, 0.1),
}

BOOMBAP: Final[Mapping[int, KitPiece]] = {
    **ACOUSTIC,
    36: KitPiece(kick(low=57, drop=95, fall=0.08, length=0.30, click=0.30, drive=3.0), 0),
    38: KitPiece(snare(tone=205, ring_for=0.14, wires=0.19, rattle=1.3, bright=8500), -1.5),
    42: KitPiece(hat(length=0.07, low=6000, metal=0.2), -13, 0.15),
    46: KitPiece(hat(length=0.30, low=5600, metal=0.25), -15, 0.15),
}
METAL_KIT: Final[Mapping[int, KitPiece]] = {
    **ACOUSTIC,
    36: KitPiece(kick(low=58, drop=190, fall=0.04, length=0.20, click=0.9, drive=1.8), 0),
    38: KitPiece(snare(tone=208, ring_for=0.20, wires=0.24, rattle=1.3, bright=10_500), -1.0),
    42: KitPiece(hat(length=0.09, low=5600, metal=0.4), -14, 0.3),
    49: KitPiece(cymbal(length=2.6, low=3600), -9, -0.4),
}
HARD_KIT: Final[Mapping[int, KitPiece]] = {
    **TR909,
    36: KitPiece(kick(low=52, drop=340, fall=0.13, length=0.42, click=0.5, drive=9.0), 0),
    38: KitPiece(snare(tone=205, ring_for=0.18, wires=0.24, rattle=1.4, bright=10_000), -4),
    42: KitPiece(hat(length=0.05, low=7500, metal=0.4), -15, 0.15),
    49: KitPiece(cymbal(length=2.2, low=3800), -12, -0.2),
}
"""A kick drum distorted until its falling pitch sounds like a tone, as in hardstyle."""
HAND_DRUMS: Final[Mapping[int, KitPiece]] = {
    **SMALL_PERCUSSION,
    36: KitPiece(kick(low=74, drop=45, fall=0.05, length=0.45, click=0.2), -3),
    37: KitPiece(noise_burst(900, 5200, 0.05, 0.5), -11, 0.2),
    38: KitPiece(tom(196.0, 0.16), -7, 0.15),
    42: KitPiece(noise_burst(5500, 14_000, 0.05, attack=0.008), -17, -0.3),
    44: KitPiece(noise_burst(4200, 9000, 0.07), -19, 0.3),
    45: KitPiece(tom(96.0, 0.5), -5, 0.2),
    47: KitPiece(tom(138.0, 0.35), -6, -0.2),
    50: KitPiece(tom(182.0, 0.28), -7, 0.0),
    51: KitPiece(cymbal(length=3.2, low=3200, bell=0.5, attack=0.05), -16, 0.3),
    49: KitPiece(cymbal(length=3.4, low=2800, attack=0.4), -14, -0.2),
}


def drum_kit(key: str, name: str, program: int, pieces: Mapping[int, KitPiece]) -> Instrument:
    """Create a drum kit."""
    return Instrument(key, name, program, kit_tone(pieces), 27, 87, max_seconds=4.0, release=4.0, round_robin=4,
                      low_cut=24.0, velocity_exponent=1.2, is_kit=True, kit_keys=frozenset(pieces))  # fmt: skip


KITS = (
    drum_kit("acoustic_kit", "Acoustic kit", 0, ACOUSTIC),
    drum_kit("lofi_kit", "Dusty kit", 0, LOFI),
    drum_kit("brush_kit", "Brushes", 40, BRUSHES),
    drum_kit("kit_808", "808 kit", 25, TR808),
    drum_kit("kit_909", "909 kit", 24, TR909),
    drum_kit("gated_kit", "Gated kit", 16, GATED),
    drum_kit("boombap_kit", "Sampled kit", 0, BOOMBAP),
    drum_kit("metal_kit", "Metal kit", 16, METAL_KIT),
    drum_kit("hard_kit", "Distorted kit", 24, HARD_KIT),
    drum_kit("hand_kit", "Hand drums", 48, HAND_DRUMS),
    drum_kit("orchestral_kit", "Orchestral percussion", 48, ORCHESTRAL),
)
