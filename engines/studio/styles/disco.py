"""Disco: four on the floor, open hats on the off-beats, an octave bass, scratch guitar, sweeping strings."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, CONGA, HAT, KICK, OPEN_HAT, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

FLOOR = ("X...X...X...X...",)
DRUMS = (
    Groove({KICK: FLOOR, TAMBOURINE: ("..x...x...x...x.",)}),
    Groove({
        KICK: FLOOR,
        SNARE: ("....X.......X...",),
        OPEN_HAT: ("..x...x...x...x.",),
        HAT: ("x..ox..ox..ox..o",),
        CONGA: ("o..x..o...o.x.o.", "..ox..o..o.ox..."),
    }, min_energy=0.42),
    Groove({
        KICK: FLOOR,
        SNARE: ("....X.......X...", "....X.......X.gx"),
        CLAP: ("....X.......X...",),
        OPEN_HAT: ("..X...X...X...X.",),
        HAT: ("xo.oxo.oxo.oxo.o",),
        TAMBOURINE: ("x.oxx.oxx.oxx.ox",),
        CONGA: ("o..x..o...o.x.o.",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="disco",
    name="Disco",
    keywords=("disco", "disco music", "seventies disco", "70s disco", "classic disco", "studio 54 disco"),
    moods=("happy", "energetic", "dreamy"),
    tempo_range=(110.0, 118.0, 126.0),
    modes=("minor", "dorian", "major"),
    progressions={
        "major A": ("Imaj7 | vi7 | ii7 | V7", "IVmaj7 | iii7 | ii7 | V9sus4", "I6 | I6 | ii7 | V7"),
        "major B": ("vi7 | ii7 | V7 | Imaj7", "IVmaj7 | V7 | iii7 | VI7"),
        "minor A": ("i7 | iv7 | bVII7 | bIIImaj7", "i7 | i7 | iv7 | V7", "i9 | bVII | bVImaj7 | V7sus4"),
        "minor B": ("bVImaj7 | ii7b5 | V7sus4 | V7", "iv7 | bVII7 | bIIImaj7 | bVImaj7"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -22.0, reverb=0.1,
             effects=("warmth",), timing_jitter_ms=7.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X.x.x.xxX.x.x.x. X.x.x.x.x.xxx.xx", (0, 12, 0, 12, 0, 12, 7,
             12)), -20.5, reverb=0.0, effects=("warmth",), min_energy=0.38, timing_jitter_ms=4.0),
        Part("scratch", "harmony", "muted_guitar", comping.stabs("x.xxo.x.x.xxo.xo", "x.xox.xxo.xox.x.", length=0.45,
             top_notes=3), -24.0, pan=0.6, reverb=0.1, effects=("bright",), timing_jitter_ms=4.5),
        Part("electric piano", "harmony", "electric_piano", comping.stabs("X..x..x...x..x..", "X.....x..x......",
             length=0.9), -22.5, pan=-0.35, reverb=0.16, effects=("chorus",)),
        Part("strings", "melody", "strings", melody_part(81, strength=0.7), -20.5, pan=-0.2, reverb=0.3,
             effects=("bright",), min_energy=0.46, timing_jitter_ms=11.0),
        Part("short strings", "texture", "staccato_strings", comping.stabs("x..x..x.........", "..........x.x.xx",
             shift=12, length=0.5), -25.5, pan=0.3, reverb=0.25, min_energy=0.6),
        Part("brass", "melody", "brass", melody_part(69, strength=0.74, density=0.6, legato=0.5), -23.0, pan=0.25,
             reverb=0.2, min_energy=0.7, timing_jitter_ms=8.0),
        Part("choir", "texture", "humming", comping.sustained(shift=12, velocity=0.5), -28.0, reverb=0.35,
             min_energy=0.76),
    ),
    line_up={
        "scratch": ("muted_guitar", "clavinet"), "electric piano": ("electric_piano", "piano"),
        "strings": ("strings", "strings", "flute"), "short strings": ("staccato_strings", "-"),
        "brass": ("brass", "sax"), "choir": ("humming", "-"),
    },
    chromatic_chords=("applied", "diminished", "borrowed"),
    chromaticism=0.15,
    approaches=0.3,
    lift=0.3,
    presence_db=0,
    form=Form(("intro", "A", 0.5), (("verse", "A", 0.58), ("chorus", "B", 0.8), ("break", "A", 0.4),
              ("chorus", "B", 0.86)), ("outro", "A", 0.56)),
    energy=0.64,
    reverb=(1.6, 7000.0),
    bus_compression=0.6,
    titles=("Mirror Ball Weather", "Roller City", "All Night Elevator"),
    reharmonisation=0.06,
    cadence=("ii7 V7", "iv7 V7"),
    melody_feel="syncopated",
)  # fmt: skip
