"""Neo-soul: dragging drums, extended chords on an electric piano, a sliding bass."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X......x..x.....",), RIM: ("....x.......x...",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X......x..x..x..", "X..x......x....x", "X......x.xx.....", "X..x...x..x....."),
        SNARE: ("....X..g....X.g.", "....X.g..g..X...", "....X....g..X..g"),
        HAT: ("x.oxx.o.x.oxx.o.", "xoo.x.oxx.o.xoo."),
        SHAKER: ("g.o.g.o.g.o.g.o.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..x...x..x..x..", "X..x..?x.xx....x"),
        SNARE: ("....X..g.g..X.g.", "..g.X.g..g..X..g"),
        HAT: ("xoxxxoo.xoxxxoo.", "xoo.xooxxoo.xo.."),
        OPEN_HAT: ("................", "..............x."),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="neosoul",
    name="Neo-soul",
    keywords=("neo-soul", "neo soul", "neosoul"),
    moods=("warm", "dreamy", "sad"),
    tempo_range=(70.0, 82.0, 94.0),
    modes=("dorian", "minor", "major"),
    progressions={
        "major A": ("IVmaj9 | III7#9 | vi9 | v9 I13", "IVmaj9 | iii7 | ii9 | V9sus4", "Imaj9 | VII7#9 | iii7 | ii9"),
        "major B": ("ii9 | iii7 | IVmaj9 | V13", "vi9 | II13 | ii9 | bII9"),
        "minor A": ("i9 | IV13 | i9 | bVImaj9 V7#9", "iv9 | bVII13 | bIIImaj9 | V7#9", "i11 | i11 | bVImaj9 | V7#9"),
        "minor B": ("bVImaj9 | bVII13 | i11 | i11", "iv9 | v7 | bVImaj9 | bVII9sus4"),
    },
    parts=(
        Part("drums", "drums", "lofi_kit", drum_part(DRUMS, "soft", crash=False), -21.5, reverb=0.08,
             effects=("warmth",), delay_ms=14.0, timing_jitter_ms=8.0),
        Part("bass", "bass", "electric_bass", bass.kick_locked(busy=0.75, velocity=0.82), -20.5, reverb=0.0,
             effects=("warmth",), delay_ms=16.0, min_energy=0.34, timing_jitter_ms=8.0),
        Part("keys", "harmony", "electric_piano", comping.stabs("X.....x..x......", "X..x......x.....",
             "x......x..x...x.", length=0.95, spread=0.03), -19.5, pan=-0.12, reverb=0.16, effects=("chorus",
             "suitcase"), delay_ms=10.0, timing_jitter_ms=10.0),
        Part("guitar", "harmony", "electric_guitar", comping.stabs("..x...x...x..x..", "......xo......x.", shift=12,
             length=0.6), -25.5, pan=0.45, reverb=0.2, delay=0.18, min_energy=0.55, timing_jitter_ms=9.0),
        Part("voices", "texture", "humming", comping.sustained(velocity=0.55), -25.5, pan=-0.25, reverb=0.35,
             min_energy=0.62, timing_jitter_ms=15.0),
        Part("organ", "texture", "organ", comping.sustained(velocity=0.45), -25.5, pan=0.25, reverb=0.25,
             min_energy=0.4),
        Part("sax", "melody", "sax", melody_part(70, density=0.75, strength=0.62), -22.5, pan=0.1, reverb=0.25,
             delay=0.2, min_energy=0.46, delay_ms=18.0, timing_jitter_ms=14.0),
    ),
    key_changes=(3, 5),
    line_up={
        "keys": ("electric_piano", "electric_piano", "organ", "piano"),
        "guitar": ("electric_guitar", "nylon_guitar", "-"), "voices": ("humming", "-"),
        "organ": ("organ", "strings", "-"), "sax": ("sax", "trumpet", "flute", "soft_lead"),
    },
    chromatic_chords=("tritone", "applied", "borrowed"),
    chromaticism=0.15,
    approaches=0.3,
    presence_db=3,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.52), ("chorus", "B", 0.74), ("verse", "A", 0.56),
              ("bridge", "B", 0.44)), ("outro", "A", 0.44)),
    swing=0.56,
    swing_grid=0.25,
    reverb=(1.3, 6000.0),
    treble_db=7.5,
    titles=("Honey and Smoke", "Slow Dial", "Velvet Hour"),
    cadence=("ii9 V9sus4", "iv9 V7#9"),
    melody_feel="syncopated",
)  # fmt: skip
