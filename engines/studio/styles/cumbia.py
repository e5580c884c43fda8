"""Cumbia: the güiro's long-short-short, hand drums on the off-beats, a bass in three notes, accordion and guitar."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import (
    CONGA,
    COWBELL,
    KICK,
    LONG_GUIRO,
    LOW_CONGA,
    RIM,
    SHAKER,
    SHORT_GUIRO,
    Groove,
    drum_part,
)
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel
from engines.studio.model.style import Form, Part, Style

GUIRO = {LONG_GUIRO: ("X...X...X...X...",), SHORT_GUIRO: ("..xx..xx..xx..xx",)}
DRUMS = (
    Groove({**GUIRO, RIM: ("..x...x...x...x.",)}),
    Groove({
        KICK: ("X.......x.......",),
        **GUIRO,
        CONGA: ("..x...x...x...x.", "..x...x...x..xx."),
        LOW_CONGA: ("......x.......x.",),
    }, min_energy=0.4),
    Groove({
        KICK: ("X...o...X...o...", "X...o...X...o.x."),
        **GUIRO,
        CONGA: ("..x...x...x...xx", "..x...x...x.xxx."),
        LOW_CONGA: ("......x.......x.",),
        COWBELL: ("x...x...x...x...",),
        SHAKER: ("x.xox.xox.xox.xo",),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="cumbia",
    name="Cumbia",
    keywords=("cumbia", "cumbia sonidera", "cumbia colombiana", "cumbia music"),
    moods=("happy", "warm", "energetic"),
    tempo_range=(84.0, 94.0, 106.0),
    modes=("minor", "harmonic minor", "major"),
    progressions={
        "major A": ("I | I | V7 | V7", "I | IV | V7 | I", "I6 | vi7 | ii7 | V7"),
        "major B": ("IV | I | V7 | I", "vi | iii7 | IV | V7"),
        "minor A": ("i | i | V7 | V7", "i | bVII | bVI | V7", "i | iv | V7 | i7"),
        "minor B": ("iv | i | V7 | i", "bIII | bVII | bVI | V7", "bVI | bIII | V7 | i7"),
    },
    parts=(
        Part("percussion", "drums", "latin_kit", drum_part(DRUMS, "none", crash=False), -20.0, reverb=0.14,
             timing_jitter_ms=9.0),
        Part("bass", "bass", "picked_bass", bass.pattern("X...x.x.X...x.x.", (0, 7, 12),
             34.0, 0.84, length=0.7), -20.5, reverb=0.0, effects=("mellow",)),
        Part("guitar", "harmony", "electric_guitar", comping.stabs("..x...x...x...x.", "..x...x...x.o.x.", length=0.4,
             spread=0.01, top_notes=3), -22.0, pan=0.36, reverb=0.16, delay=0.1, effects=("twang",)),
        Part("piano", "harmony", "piano", comping.stabs("..x...x...x...x.", "..x..xx...x..xx.", velocity=0.6,
             length=0.5), -24.0, pan=-0.15, reverb=0.14, min_energy=0.54),
        Part("accordion", "melody", "accordion", in_parallel(melody_part(74, strength=0.7, legato=0.85)), -20.0,
             pan=-0.24, reverb=0.18, min_energy=0.38, timing_jitter_ms=9.0),
        Part("gaita", "melody", "clarinet", melody_part(76, strength=0.64, density=0.8), -23.0, pan=0.2, reverb=0.22,
             min_energy=0.56, max_energy=0.78, timing_jitter_ms=10.0),
        Part("brass", "texture", "brass", comping.stabs("X.......x.....x.", "x..x..x.........", length=0.6), -26.0,
             pan=0.1, reverb=0.22, min_energy=0.7),
    ),
    line_up={
        "guitar": ("electric_guitar", "nylon_guitar"), "piano": ("piano", "organ", "-"),
        "accordion": ("accordion", "accordion", "clarinet"), "gaita": ("clarinet", "flute", "-"),
        "brass": ("brass", "-"),
    },
    chromatic_chords=("applied", "borrowed"),
    chromaticism=0.18,
    approaches=0.2,
    lift=0.2,
    presence_db=0,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.54), ("chorus", "B", 0.72), ("verse", "A", 0.58),
              ("solo", "B", 0.66)), ("outro", "A", 0.46)),
    energy=0.56,
    reverb=(1.3, 6000.0),
    bus_compression=0.4,
    treble_db=2.0,
    titles=("Río Abajo", "La Vela Encendida", "Baile en el Patio"),
    reharmonisation=0.04,
    cadence=("V7", "V7"),
    melody_feel="syncopated",
)  # fmt: skip
