"""Dancehall: a digital riddim with kick and snare in threes, off-beat stabs and a bubbling organ over two chords."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.o.",), RIM: ("......x.....x...", "......x.......x.")}),
    Groove({
        KICK: ("X..X....X..X....", "X..X....X..X..?."),
        RIM: ("......x.....x...", "......x.....x.o."),
        HAT: ("x.xgx.x.x.xgx.x.",),
    }, min_energy=0.4),
    Groove({
        KICK: ("X..X....X..X....", "X..X....X..X..x.", "X..X....X..X....", "X..X..x.X..X...."),
        SNARE: ("......X.....X...", "......X.....X..o"),
        HAT: ("x.xox.xox.xox.xo",),
        OPEN_HAT: ("....x.......x...",),
        TAMBOURINE: ("..o...o...o...o.",),
        SHAKER: ("o.g.o.g.o.g.o.g.",),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="dancehall",
    name="Dancehall",
    keywords=("dancehall", "dance hall"),
    moods=("energetic", "happy"),
    tempo_range=(92.0, 100.0, 110.0),
    modes=("minor", "major", "dorian"),
    progressions={
        "major A": ("I6 | I6 | bVII6 | bVII", "Iadd9 | IVmaj7 | I6 | V", "Imaj7 | ii7 | Imaj7 | ii7"),
        "major B": ("IVmaj7 | I6 | V | I6", "IVadd9 | V | vi7 | IV"),
        "minor A": ("i7 | i7 | bVII | bVII", "i | bVII | i7 | v7", "i7 | iv7 | i7 | iv7"),
        "minor B": ("bVImaj7 | bVII | i7 | i7", "iv7 | i7 | bVII | i7"),
    },
    parts=(
        Part("drums", "drums", "gated_kit", drum_part(DRUMS, "toms", crash=False), -20.5, reverb=0.12, delay=0.05,
             timing_jitter_ms=3.5),
        Part("bass", "bass", "synth_bass", bass.pattern("X..x..x...x.x...", (0, 0, 7, 10, 12, 7, 0, 5), 34.0, 0.82,
             length=0.7), -20.5, reverb=0.0, effects=("mellow",), min_energy=0.36, timing_jitter_ms=3.0),
        Part("skank", "harmony", "stab", comping.stabs("..x...x...x...x.", "..x...x...x...xo", shift=12, length=0.4,
             top_notes=3), -22.5, pan=-0.4, reverb=0.16, delay=0.15, timing_jitter_ms=4.0),
        Part("bubble", "harmony", "organ", comping.stabs("..ox..ox..ox..ox", "..ox..oxo.ox..ox", length=0.6), -22.5,
             pan=0.36, reverb=0.1, effects=("mellow",), min_energy=0.44),
        Part("horns", "harmony", "brass", comping.stabs("X..x............", "X..x..x.........", "................",
             velocity=0.75, length=0.4), -24.0, pan=0.2, reverb=0.25, delay=0.2, min_energy=0.66),
        Part("tune", "melody", "lead", melody_part(72, strength=0.72, density=0.85, legato=0.75), -21.0, reverb=0.2,
             delay=0.35, min_energy=0.42, timing_jitter_ms=6.0),
        Part("steel pans", "melody", "handpan", melody_part(67, strength=0.66, density=0.7), -23.0, pan=-0.2,
             reverb=0.2, min_energy=0.6, max_energy=0.78, timing_jitter_ms=8.0),
        Part("siren", "texture", "riser", comping.riser(beats=4.0), -33.0, reverb=0.3, min_energy=0.5),
    ),
    line_up={
        "skank": ("stab", "muted_guitar"), "bubble": ("organ", "-"), "horns": ("brass", "-"),
        "tune": ("lead", "soft_lead", "flute"), "steel pans": ("handpan", "marimba"), "siren": ("riser", "-"),
    },
    chromatic_chords=("borrowed", "neapolitan"),
    chromaticism=0.1,
    presence_db=5.5,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.58), ("chorus", "B", 0.78), ("verse", "A", 0.64),
              ("breakdown", "B", 0.42)), ("outro", "A", 0.46)),
    energy=0.62,
    swing=0.53,
    swing_grid=0.25,
    reverb=(1.5, 6000.0),
    bus_compression=0.6,
    treble_db=3.0,
    titles=("Sound Clash", "Palm Street Riddim", "Rewind"),
    reharmonisation=0.03,
    cadence=("V", "bVII"),
    melody_feel="syncopated",
)  # fmt: skip
