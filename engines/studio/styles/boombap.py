"""Boom bap (about 1994): hard, swung, sampled drums, a looped chord stab, an upright bass, a muted trumpet."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.........x.....",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X.x.......x.....", "X......x..x..?..", "X.x......xx.....", "X......x.xx...x."),
        SNARE: ("....X..g....X...", "....X....g..X..g", "....X..g....X.g.", "....X.......X..x"),
        HAT: ("X.o.X.o.X.o.X.o.", "X.ogX.o.X.o.X.og"),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.x....x..x.....", "X.x....x..xx..?.", "X..x...x..x...x."),
        SNARE: ("....X..g.g..X...", "....X..g....X..x"),
        HAT: ("XoxoX.xoXoxoX.xo", "X.xoX.xoX.xoX..."),
        OPEN_HAT: ("................", "..............x."),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="boombap",
    name="Boom bap",
    keywords=("boom bap", "boombap", "hip hop", "hip-hop", "old school hip hop", "90s hip hop", "golden age hip hop"),
    moods=("warm", "dark", "energetic"),
    tempo_range=(84.0, 91.0, 98.0),
    modes=("minor", "dorian", "minor"),
    progressions={
        "major A": ("Imaj9 | Imaj9 | ii9 | iii7", "ii9 | V13 | Imaj9 | Imaj9"),
        "major B": ("IVmaj9 | iv9 | Imaj9 | VI7b9",),
        "minor A": ("i9 | i9 | iv9 | V7#9", "i9 | bVImaj7 | i9 | bVImaj7", "i7 | bIIImaj7 | iv7 | V7b9"),
        "minor B": ("iv9 | iv9 | i9 | V7#9", "bVImaj9 | bVImaj9 | V7#9 | i9"),
    },
    parts=(
        Part("drums", "drums", "boombap_kit", drum_part(DRUMS, "snare", crash=False), -21.0, reverb=0.08,
             effects=("sampler",), delay_ms=6.0),
        Part("bass", "bass", "upright_bass", bass.kick_locked(busy=0.45, velocity=0.85), -21.0, reverb=0.0,
             effects=("warmth",), delay_ms=9.0, min_energy=0.4),
        Part("loop", "harmony", "piano", comping.stabs("X..x......o.....", "X..x....x.......", "X.....x...x.....",
             length=0.95), -19.5, pan=-0.2, reverb=0.14, effects=("tape",), delay_ms=9.0, timing_jitter_ms=7.0),
        Part("vibes", "harmony", "vibraphone", comping.stabs("......x.......x.", "..x.......x.....", length=0.9), -25.0,
             pan=0.4, reverb=0.22, delay=0.18, effects=("tape",), min_energy=0.55, timing_jitter_ms=9.0),
        Part("trumpet", "melody", "trumpet", melody_part(70, density=0.7, strength=0.62, legato=0.8), -20.5, pan=0.15,
             reverb=0.25, delay=0.22, effects=("mute",), min_energy=0.5, delay_ms=12.0, timing_jitter_ms=10.0),
        Part("horns", "texture", "brass", comping.stabs("X...............", "..........x.x...", length=0.35), -26.0,
             pan=-0.35, reverb=0.2, effects=("tape",), min_energy=0.66),
        Part("crackle", "texture", "vinyl", comping.drone(), -40.0, reverb=0.0),
    ),
    line_up={
        "bass": ("upright_bass", "electric_bass"), "loop": ("piano", "electric_piano", "nylon_guitar"),
        "vibes": ("vibraphone", "organ", "-"), "trumpet": ("trumpet", "sax", "flute"),
        "horns": ("brass", "strings", "-"),
    },
    chromatic_chords=("tritone", "borrowed", "applied"),
    chromaticism=0.1,
    approaches=0.25,
    presence_db=2,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.58), ("hook", "B", 0.76), ("verse", "A", 0.62),
              ("break", "A", 0.42)), ("outro", "A", 0.46)),
    energy=0.58,
    swing=0.59,
    swing_grid=0.25,
    reverb=(0.9, 5500.0),
    bus_compression=0.7,
    treble_db=2.5,
    titles=("Corner Store", "Dusty Crate", "Third Rail"),
    reharmonisation=0.15,
    cadence=("ii9 V13", "iv9 V7#9"),
    melody_feel="syncopated",
)  # fmt: skip
