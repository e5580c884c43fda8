"""Eighties pop: gated drums, an octave synth bass, chorused electric piano, synth-brass stabs and a saxophone."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), TAMBOURINE: ("..o...o...o...o.",)}),
    Groove({
        KICK: ("X.....x.X..x....", "X.....x.X.......", "X..x..x.X..x...."),
        SNARE: ("....X.......X...",),
        HAT: ("x.xxx.xxx.xxx.xx", "x.xxx.xxx.xxx.x."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.....x.X..x..x.", "X..x..x.X..x...."),
        SNARE: ("....X.......X...", "....X.......X..x"),
        CLAP: ("....X.......X...",),
        HAT: ("xoxxxoxxxoxxxoxx",),
        OPEN_HAT: ("..............x.", "................"),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="eighties_pop",
    name="Eighties pop",
    keywords=("eighties pop", "80s pop", "1980s pop", "80's pop", "eighties hit", "80s hit"),
    moods=("happy", "energetic", "dreamy"),
    tempo_range=(104.0, 116.0, 128.0),
    modes=("major", "minor", "dorian"),
    progressions={
        "major A": ("IVmaj7 | V | iii7 | vi7", "Iadd9 | V^3 | IVadd9 | V7sus4", "I | iii7 | IVadd9 | iv6"),
        "major B": ("IV | V | I^3 | IV", "bVI | bVII | I | I", "vi7 | V | IVmaj7 | V"),
        "major C": ("bVIImaj7 | IV | bVIImaj7 | V7sus4",),
        "minor A": ("i7 | bVIImaj7 | bVImaj7 | bVII", "i7 | IV | bVII | i7", "bVImaj7 | bVII | v7 | i7"),
        "minor B": ("bIII | bVII | bVImaj7 | bVII", "iv7 | bVII | bIIImaj7 | bVImaj7"),
        "minor C": ("bVImaj7 | v7 | bVImaj7 | V7sus4",),
    },
    parts=(
        Part("drums", "drums", "gated_kit", drum_part(DRUMS, "toms"), -21.0, reverb=0.2, timing_jitter_ms=3.5),
        Part("bass", "bass", "synth_bass", bass.pattern("X..x.xx.X..x.xxx X..x.xx.X.x..xx.", (0, 12, 0, 0)), -21.5,
             reverb=0.0, min_energy=0.4, timing_jitter_ms=2.5),
        Part("electric piano", "harmony", "electric_piano", comping.stabs("X.....x.....x...", "X..x......x.....",
             length=0.95), -21.0, pan=-0.25, reverb=0.25, effects=("ensemble", "bright"), timing_jitter_ms=5.0),
        Part("synth brass", "harmony", "stab", comping.stabs("..x..x....x.....", "x..x..x.........", "......x..x..x...",
             length=0.6), -23.5, pan=0.2, reverb=0.22, delay=0.12, effects=("ensemble",), min_energy=0.56,
             timing_jitter_ms=3.5),
        Part("muted guitar", "harmony", "muted_guitar", comping.stabs("x.xox.x.x.xox.xo", "x.xox.x..xoxx.x.",
             length=0.5, top_notes=2), -26.0, pan=0.6, reverb=0.12, delay=0.15, effects=("chorus",), min_energy=0.48,
             timing_jitter_ms=4.0),
        Part("pad", "texture", "glass_pad", comping.sustained(velocity=0.5), -26.5, reverb=0.4, effects=("ensemble",)),
        Part("bells", "melody", "bells", melody_part(81, strength=0.5, density=0.5), -28.0, pan=-0.4, reverb=0.35,
             delay=0.2, min_energy=0.66),
        Part("tune", "melody", "lead", melody_part(72, strength=0.74), -21.0, pan=0.05, reverb=0.25, delay=0.25,
             effects=("chorus",), min_energy=0.46, max_energy=0.72, timing_jitter_ms=6.0),
        Part("saxophone", "melody", "sax", melody_part(70, strength=0.78), -20.5, pan=0.08, reverb=0.3, delay=0.2,
             min_energy=0.72, delay_ms=8.0, timing_jitter_ms=10.0),
    ),
    key_changes=(3, 2),
    line_up={
        "electric piano": ("electric_piano", "bells"), "synth brass": ("stab", "supersaw"),
        "muted guitar": ("muted_guitar", "-"), "pad": ("glass_pad", "warm_pad", "strings"),
        "bells": ("bells", "glockenspiel", "-"), "tune": ("lead", "soft_lead"), "saxophone": ("sax", "electric_guitar"),
    },
    chromatic_chords=("borrowed", "mediant", "applied"),
    chromaticism=0.2,
    lift=0.4,
    form=Form(("intro", "A", 0.48), (("verse", "A", 0.54), ("chorus", "B", 0.8), ("verse", "A", 0.58),
              ("chorus", "B", 0.86), ("solo", "C", 0.74)), ("outro", "A", 0.5)),
    energy=0.6,
    reverb=(2.0, 8000.0),
    bus_compression=0.6,
    titles=("Photograph Me", "Satellite Heart", "After the Arcade"),
    reharmonisation=0.06,
    cadence=("IV V7sus4", "bVI bVII"),
    melody_feel="syncopated",
)  # fmt: skip
