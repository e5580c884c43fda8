"""Percussion sets of particular traditions: Latin, tabla, taiko, frame drums, a marching band, sleigh bells."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from engines.studio.dsp.arrays import Mono
from engines.studio.instruments.drums import cymbal, drum, kick, noise_burst, noise_decay, short_modes, snare, tom
from engines.studio.instruments.kits import ACOUSTIC, BRUSHES, HAND_DRUMS, ORCHESTRAL, KitPiece, drum_kit
from engines.studio.instruments.oscillators import damped_modes, decay, to_frames


@drum
def scrape(velocity: float, rng: np.random.Generator, *, length: float, ridges: float) -> Mono:
    """A stick over the ridges of a gourd (güiro): ``ridges`` clicks per second, faster towards the end."""
    frames = to_frames(length)
    axis = np.arange(frames) / frames
    clicks = np.maximum(0.0, np.sin(2 * np.pi * ridges * length * axis**1.2)) ** 3
    swell = (0.4 + 0.6 * axis) * np.minimum(1.0, (1.0 - axis) * 12)
    body = noise_decay(length, 1800, 7000 + 4000 * velocity, length * 6, rng)[:frames]
    return np.asarray(body * clicks * swell * 0.5, dtype=np.float32)


@drum
def hand_stroke(velocity: float, rng: np.random.Generator, hz: tuple[float, ...], length: float) -> Mono:
    """Fingers on a skin: a few modes, the higher ones stronger at a higher velocity, and a slap."""
    gains = (0.35 + 0.65 * velocity) ** np.arange(len(hz)) / np.arange(1, len(hz) + 1) ** 0.7
    sound = damped_modes(hz, gains, length, to_frames(length), rng.uniform(0.8, 1.4, len(hz))) * np.float32(0.6)
    slap = noise_decay(0.02, 1500, 4000 + 6000 * velocity, 0.018, rng) * np.float32(0.25 * velocity)
    sound[: len(slap)] += slap[: len(sound)]
    return sound


@drum
def jingles(velocity: float, rng: np.random.Generator, *, length: float) -> Mono:
    """A handful of small bells, shaken: high modes that start within 40 ms."""
    frames = to_frames(length)
    sound = np.zeros(frames, dtype=np.float32)
    for _ in range(9):
        start = to_frames(float(rng.uniform(0.0, 0.04)))
        hz = float(rng.uniform(2800.0, 5200.0)) * np.array([1.0, 1.52, 2.3])
        sound[start:] += damped_modes(hz, (0.6, 0.5, 0.2 + 0.3 * velocity), length * 0.7, frames, 1.5)[: frames - start]
    hiss = noise_decay(length, 7000, 15_000, length * 0.5, rng) * np.float32(0.5)
    return np.asarray((sound * np.float32(0.2) + hiss) * decay(frames, length) * np.float32(0.5))


LATIN: Final[Mapping[int, KitPiece]] = {
    **HAND_DRUMS,
    38: KitPiece(short_modes((318.0, 505.0, 760.0, 1090.0), 0.34), -7, 0.2),
    42: KitPiece(noise_burst(5500, 15_000, 0.05, attack=0.01), -16, -0.35),
    46: KitPiece(scrape(length=0.24, ridges=90.0), -8, 0.35),
    56: KitPiece(short_modes((560.0, 845.0, 1690.0, 2540.0), 0.22), -8, 0.15),
    60: KitPiece(tom(440.0, 0.10), -8, -0.15),
    61: KitPiece(tom(330.0, 0.14), -8, -0.15),
    62: KitPiece(short_modes((380.0, 720.0, 1260.0, 1800.0), 0.07), -8, -0.3),
    63: KitPiece(tom(208.0, 0.30), -6, -0.3),
    64: KitPiece(tom(156.0, 0.38), -5, -0.4),
    65: KitPiece(short_modes((370.0, 590.0, 880.0, 1270.0), 0.30), -8, 0.25),
    66: KitPiece(short_modes((262.0, 420.0, 640.0, 930.0), 0.36), -8, 0.3),
    67: KitPiece(short_modes((1046.0, 2610.0), 0.28), -13, 0.3),
    68: KitPiece(short_modes((784.0, 1960.0), 0.32), -13, 0.3),
    73: KitPiece(scrape(length=0.07, ridges=110.0), -8, 0.35),
    74: KitPiece(scrape(length=0.26, ridges=85.0), -8, 0.35),
    75: KitPiece(short_modes((2500.0, 5050.0), 0.06), -8, 0.1),
    86: KitPiece(tom(92.0, 0.14), -4, 0.15),
    87: KitPiece(kick(low=64, drop=22, fall=0.1, length=0.6, click=0.08), -1, 0.1),
}
TABLA: Final[Mapping[int, KitPiece]] = {
    **HAND_DRUMS,
    36: KitPiece(kick(low=98, drop=-26, fall=0.22, length=0.55, click=0.08), -3, -0.2),
    37: KitPiece(hand_stroke((620.0, 1340.0, 2200.0), 0.04), -9, 0.2),
    38: KitPiece(hand_stroke((294.0, 588.0, 882.0, 1176.0, 1470.0), 0.30), -7, 0.2),
    42: KitPiece(hand_stroke((588.0, 882.0, 1470.0), 0.10), -13, 0.25),
    44: KitPiece(noise_burst(4000, 11_000, 0.06), -20, -0.3),
    46: KitPiece(hand_stroke((294.0, 588.0, 882.0), 0.55), -9, 0.2),
    63: KitPiece(tom(147.0, 0.4), -6, -0.2),
}
TAIKO: Final[Mapping[int, KitPiece]] = {
    **HAND_DRUMS,
    76: KitPiece(short_modes((1020.0, 1630.0), 0.07), -12, 0.3),
    36: KitPiece(kick(low=52, drop=40, fall=0.16, length=1.2, click=0.3, drive=1.3), 0),
    37: KitPiece(hand_stroke((940.0, 1580.0, 2460.0), 0.05), -9, 0.25),
    38: KitPiece(tom(112.0, 0.6), -2, -0.15),
    42: KitPiece(tom(392.0, 0.08), -12, 0.35),
    46: KitPiece(tom(360.0, 0.16), -11, 0.35),
    45: KitPiece(tom(74.0, 0.9), -2, 0.3),
    47: KitPiece(tom(98.0, 0.7), -3, -0.3),
    50: KitPiece(tom(140.0, 0.5), -4, 0.1),
    51: KitPiece(hand_stroke((620.0, 1390.0, 2210.0, 3480.0, 4920.0), 1.6), -17, 0.3),
}
FRAME_DRUM: Final[Mapping[int, KitPiece]] = {
    **HAND_DRUMS,
    36: KitPiece(kick(low=88, drop=34, fall=0.08, length=0.5, click=0.12), -2),
    37: KitPiece(hand_stroke((760.0, 1490.0, 2650.0), 0.05), -9, -0.15),
    38: KitPiece(hand_stroke((430.0, 870.0, 1490.0, 2600.0), 0.11), -6, 0.15),
    42: KitPiece(noise_burst(6000, 14_500, 0.07, attack=0.006), -15, 0.35),
    46: KitPiece(noise_burst(5000, 14_500, 0.30, attack=0.02), -16, 0.35),
    54: KitPiece(jingles(length=0.22), -12, 0.35),
}
MARCHING: Final[Mapping[int, KitPiece]] = {
    **ORCHESTRAL,
    36: KitPiece(kick(low=58, drop=45, fall=0.1, length=0.55, click=0.15), 0),
    37: KitPiece(hand_stroke((1720.0, 2380.0, 480.0), 0.05), -10, 0.1),
    38: KitPiece(snare(tone=235, ring_for=0.12, wires=0.17, rattle=1.2, bright=10_500), -5, 0.1),
    42: KitPiece(snare(tone=260, ring_for=0.07, wires=0.09, rattle=1.0, bright=9000), -12, 0.1),
    46: ACOUSTIC[46],
    45: KitPiece(tom(110.0, 0.4), -5, 0.3),
    47: KitPiece(tom(140.0, 0.35), -5, 0.0),
    50: KitPiece(tom(180.0, 0.3), -5, -0.3),
    49: KitPiece(cymbal(length=1.6, low=2600), -8, -0.2),
    51: KitPiece(cymbal(length=0.7, low=3200), -11, -0.2),
}
SLEIGH_BELLS: Final[Mapping[int, KitPiece]] = {
    **BRUSHES,
    76: KitPiece(short_modes((820.0, 1310.0), 0.06), -11, 0.15),
    42: KitPiece(jingles(length=0.16), -12, 0.25),
    54: KitPiece(jingles(length=0.30), -9, -0.25),
    70: KitPiece(jingles(length=0.22), -10, -0.25),
}

SMALL_SET: Final[Mapping[int, KitPiece]] = {
    54: KitPiece(jingles(length=0.22), -4, 0.2),
    58: KitPiece(scrape(length=0.9, ridges=38.0), -2, -0.2),
    70: KitPiece(noise_burst(5500, 15_000, 0.09, attack=0.018), -4, -0.25),
    76: KitPiece(short_modes((1020.0, 1630.0), 0.07), -2, 0.2),
    80: KitPiece(short_modes((1150.0, 3170.0, 5240.0, 7630.0), 0.12), -4, 0.15),
    81: KitPiece(short_modes((1150.0, 3170.0, 5240.0, 7630.0), 1.4), -4, 0.15),
    85: KitPiece(hand_stroke((1180.0, 2260.0, 3430.0), 0.035), -3, -0.15),
}
"""Tambourine, vibraslap, shaker, wood block, triangle and castanets."""

WORLD_KITS = (
    drum_kit("latin_kit", "Latin percussion", 0, LATIN),
    drum_kit("tabla", "Tabla", 48, TABLA),
    drum_kit("taiko", "Taiko", 48, TAIKO),
    drum_kit("frame_drum", "Frame drum", 48, FRAME_DRUM),
    drum_kit("march_kit", "Marching drums", 48, MARCHING),
    drum_kit("percussion_set", "Small percussion", 48, SMALL_SET),
    drum_kit("sleigh_bells", "Sleigh bells", 40, SLEIGH_BELLS),
)
