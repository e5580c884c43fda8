"""Orchestral instruments: bowed and blown tones, pizzicato and timpani."""

import numpy as np

from engines.studio.dsp.arrays import Wave
from engines.studio.instruments.bodies import CELLO, HOLLOW, VIOLIN
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import damped_modes, decay, fade_in, pitch_to_hz, to_frames, white_noise
from engines.studio.instruments.plucked import PluckedString
from engines.studio.instruments.sustained import BOWED, SustainedTone
from engines.studio.instruments.synths import Patch

STRINGS = SustainedTone("bow", players=4, detune=20, attack=0.16, contour=BOWED, open_hz=4200, opening=0.15,
                        vibrato=(5.3, 10.0, 0.2), noise=-33, noise_band=(900, 4500), chiff=0.3, jitter=4)  # fmt: skip
STACCATO = Patch(shape="bow", voices=4, detune=16, attack=0.03, decay=0.9, sustain=0.1, peak_hz=5200, floor_hz=1400,
                 noise_level=0.02)  # fmt: skip
BRASS = SustainedTone("brass", players=3, detune=12, attack=0.045, open_hz=4400, opening=0.05,
                      vibrato=(5.2, 3.0, 0.5), noise=-40, jitter=3)  # fmt: skip
TRUMPET = SustainedTone("brass", attack=0.035, open_hz=5400, opening=0.03, vibrato=(5.4, 12.0, 0.35), pulse=0.03,
                        noise=-38, noise_band=(1200, 8000))  # fmt: skip
VIOLIN_TONE = SustainedTone("bow", glide=0.05, attack=0.07, contour=BOWED, open_hz=4300, opening=0.08,
                            vibrato=(5.8, 19.0, 0.3), pulse=0.05, noise=-32, noise_band=(900, 5500), chiff=1.0,
                            jitter=4, body=VIOLIN)  # fmt: skip
CELLO_TONE = SustainedTone("bow", glide=0.05, attack=0.09, contour=BOWED, open_hz=3600, opening=0.1,
                           vibrato=(5.1, 15.0, 0.35), pulse=0.05, noise=-32, noise_band=(700, 4000), chiff=1.0,
                           jitter=4, body=CELLO)  # fmt: skip
CLARINET = SustainedTone("square", attack=0.04, open_hz=2200, opening=0.05, vibrato=(4.8, 4.0, 0.5), noise=-36,
                         noise_band=(700, 3500), jitter=2)  # fmt: skip
HARMONICA = SustainedTone("reed", players=2, detune=7, attack=0.04, open_hz=4200, vibrato=(5.6, 9.0, 0.3), pulse=0.1,
                          noise=-28, noise_band=(900, 5000))  # fmt: skip
ACCORDION = SustainedTone("reed", players=3, detune=16, attack=0.05, open_hz=4200, opening=0.06, noise=-36,
                          jitter=1.5)  # fmt: skip
MELODICA = SustainedTone("reed", attack=0.035, open_hz=3600, vibrato=(5.2, 8.0, 0.4), pulse=0.06, noise=-32)
HORN = SustainedTone("brass", players=2, detune=9, attack=0.07, open_hz=1500, opening=0.07, vibrato=(4.6, 4.0, 0.5),
                     noise=-40, noise_band=(400, 2500), jitter=3)  # fmt: skip
FLUTE = SustainedTone("flute", attack=0.05, open_hz=3500, vibrato=(5.1, 11.0, 0.3), pulse=0.12, noise=-34,
                      noise_band=(500, 3000), chiff=2.0, gain=0.22)  # fmt: skip
SAX = SustainedTone("reed", attack=0.035, open_hz=3300, opening=0.04, vibrato=(4.9, 13.0, 0.35), pulse=0.08,
                    noise=-33, noise_band=(700, 4000), chiff=2.0, jitter=3.5)  # fmt: skip

PIZZICATO = PluckedString(length=1.9, bright=0.5, pluck=0.27, damping=0.9, knock=0.35, body=HOLLOW, residue=-30.0)


def timpani(pitch: int, velocity: float, seconds: float, rng: np.random.Generator) -> Wave:
    """The near-harmonic modes of a loaded membrane, 1 : 1.5 : 1.98 : 2.44 (Fletcher & Rossing 1998)."""
    frames = to_frames(seconds)
    modes = np.array([1.0, 1.504, 1.742, 1.98, 2.44, 2.91])
    gains = np.array([1.0, 0.7, 0.2, 0.45, 0.3, 0.18]) * np.array([1.0] + [0.4 + velocity] * 5)
    sound = damped_modes(pitch_to_hz(pitch) * modes, gains, 2.6 / modes, frames, rng.uniform(0, 0.4, 6))
    tap = white_noise(to_frames(0.04), rng) * decay(to_frames(0.04), 0.03) * np.float32(0.2 * velocity)
    sound[: len(tap)] += tap[: len(sound)]
    return fade_in(sound * np.float32(0.3), 0.002)[None]


ORCHESTRA = (
    # key, name, program, tone, lowest and highest pitch, maximum seconds, release, low cut
    Instrument("strings", "String section", 48, STRINGS, 36, 96, 8.0, 0.7, 90.0, is_crossfaded=True),
    Instrument("staccato_strings", "Short strings", 48, STACCATO, 36, 96, 1.2, 0.3, 100.0, round_robin=2),
    Instrument("pizzicato", "Pizzicato strings", 45, PIZZICATO, 36, 96, 1.5, 0.3, 100.0, round_robin=2),
    Instrument("brass", "Brass section", 61, BRASS, 40, 88, 5.0, 0.2, 110.0),
    Instrument("horn", "French horns", 60, HORN, 36, 84, 6.0, 0.35, 90.0),
    Instrument("flute", "Flute", 73, FLUTE, 60, 98, 4.0, 0.15, 220.0, slur=FLUTE.slur),
    Instrument("sax", "Tenor reed", 66, SAX, 44, 86, 4.0, 0.12, 140.0, slur=SAX.slur),
    Instrument("trumpet", "Trumpet", 56, TRUMPET, 52, 90, 4.0, 0.15, 160.0, slur=TRUMPET.slur),
    Instrument(
        "violin",
        "Violin",
        40,
        VIOLIN_TONE,
        55,
        98,
        6.0,
        0.3,
        180.0,
        round_robin=2,
        is_crossfaded=True,
        slur=VIOLIN_TONE.slur,
    ),
    Instrument(
        "viola",
        "Viola",
        41,
        CELLO_TONE,
        48,
        88,
        6.0,
        0.35,
        120.0,
        round_robin=2,
        is_crossfaded=True,
        slur=CELLO_TONE.slur,
    ),
    Instrument(
        "cello",
        "Cello",
        42,
        CELLO_TONE,
        36,
        76,
        6.0,
        0.4,
        55.0,
        round_robin=2,
        is_crossfaded=True,
        slur=CELLO_TONE.slur,
    ),
    Instrument("clarinet", "Clarinet", 71, CLARINET, 50, 91, 4.0, 0.15, 140.0, slur=CLARINET.slur),
    Instrument("harmonica", "Harmonica", 22, HARMONICA, 55, 91, 3.0, 0.12, 220.0, slur=HARMONICA.slur),
    Instrument("accordion", "Accordion", 21, ACCORDION, 48, 91, 5.0, 0.15, 150.0, is_crossfaded=True),
    Instrument("melodica", "Melodica", 22, MELODICA, 53, 89, 3.0, 0.12, 220.0, slur=MELODICA.slur),
    Instrument("timpani", "Timpani", 47, timpani, 36, 60, 3.0, 1.5, 40.0, round_robin=2),
)
