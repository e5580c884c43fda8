"""Flamenco: the twelve-beat compás of the bulería in four bars of 3/4, Andalusian cadence, guitar, palmas, cajón.

The accents fall on 12, 3, 6, 8 and 10 of the cycle. In 4/4 the style plays a rumba.
"""

from engines.studio.composing import bass, comping, figures
from engines.studio.composing.drums import CLAP, HAT, KICK, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import ornamented
from engines.studio.model.style import Form, Part, Style

PALMAS = ("X..x..x..x..", "X..x..x..x..", "X..x..x..X..", "x..x..X..x..")
COMPAS_CAJON = {
    KICK: ("X.....o.....", "X.....o.....", "X...........", "x..........."),
    SNARE: ("....g.......", "....g...g...", "....g...X...", "....X.....g."),
    RIM: ("......o...o.", "......o...o.", "..o...o.....", "..o.....o.o."),
}
COMPAS = {CLAP: ("x...o...o...", "x...o...o...", "x...o...x...", "o...x...o..."), HAT: ("..o...o...o.",)}
DRUMS = (
    Groove({CLAP: ("x..x..x.x..x..x.",)}, metre_patterns={"3/4": COMPAS}),
    Groove({
        KICK: ("X..x....X..x....",),
        SNARE: ("....x..g....x.g.",),
        CLAP: ("..x...x...x...x.",),
        HAT: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.46, metre_patterns={"3/4": {**COMPAS, **COMPAS_CAJON}}),
)  # fmt: skip
RASGUEADO = ("X...o.......o...", "X...o.......o...", "X...o.......X...", "o...X.......o.o.")
"""The bars of the compás, as beats one, two and four of 4/4 (see Metre.source_beats)."""

STYLE = Style(
    key="flamenco",
    name="Flamenco",
    keywords=("flamenco", "bulería", "buleria", "bulerías", "bulerias", "flamenco music"),
    moods=("energetic", "dark", "sad"),
    tempo_range=(132.0, 162.0, 196.0),
    modes=("phrygian", "phrygian", "phrygian dominant"),
    progressions={
        "major A": ("iv | bIII | bII | I", "I | bII | I | bII", "I | I | bIImaj7 | I"),
        "major B": ("iv | bVII7 | bIII | bII", "bVI | bIII | bII | I"),
        "minor A": ("iv | bIII | bIImaj7 | I", "I | bII | bIII | bII", "I | bIImaj7 | I | I",
                    "iv7 | bIII6 | bII | I7b9"),
        "minor B": ("bVI | bVII7 | bIII | bIImaj7", "iv | bVII7 | bIII | bII", "bVI | bIII | bII | I"),
    },
    parts=(
        Part("palmas", "drums", "hand_kit", drum_part(DRUMS, "none", crash=False), -22.0, reverb=0.2,
             timing_jitter_ms=7.0),
        Part("bass", "bass", "electric_bass",
             bass.pattern("X...........x... X............... X...........X... x...x.......x...", (0, 7, 0, 12), 38.0,
             0.75, length=0.8), -23.0, reverb=0.04, effects=("dark",), min_energy=0.5),
        Part("rasgueado", "harmony", "nylon_guitar", comping.stabs(*RASGUEADO, velocity=0.8, length=0.9, spread=0.035,
             in_order=True), -19.5, pan=-0.26, reverb=0.2, effects=("presence",), timing_jitter_ms=8.0),
        Part("falseta", "melody", "nylon_guitar", ornamented(melody_part(71, strength=0.74, legato=0.9), graces=0.4),
             -19.0, pan=0.22, reverb=0.24, effects=("bright",), timing_jitter_ms=10.0),
        Part("tremolo", "harmony", "steel_guitar", figures.repeated(melody_part(76, strength=0.5), 0.25, min_beats=1.0),
             -25.0, pan=0.4, reverb=0.28, min_energy=0.4, max_energy=0.6, timing_jitter_ms=6.0),
        Part("flute", "melody", "flute", ornamented(melody_part(79, strength=0.62, density=0.7), graces=0.3,
             trills=0.15), -22.5, pan=-0.1, reverb=0.3, min_energy=0.68, timing_jitter_ms=12.0),
    ),
    suspensions=0.0,
    line_up={
        "bass": ("electric_bass", "upright_bass", "-"), "tremolo": ("steel_guitar", "-"),
        "flute": ("flute", "violin", "-"), "falseta": ("nylon_guitar", "nylon_guitar", "oud"),
    },
    approaches=0.2,
    presence_db=0,
    form=Form(("intro", "A", 0.42), (("letra", "A", 0.56), ("falseta", "B", 0.64), ("letra", "A", 0.6),
              ("remate", "B", 0.8)), ("outro", "A", 0.62)),
    energy=0.58,
    reverb=(1.6, 6500.0),
    bus_compression=0.25,
    treble_db=5.0,
    titles=("Patio de la Cal", "Duende", "Tres Lunas"),
    ritardando=0.04,
    reharmonisation=0.0,
    cadence=("bII", "bII"),
    melody_feel="flowing",
    metre="3/4",
)  # fmt: skip
