"""Christmas: sleigh bells at a trot, glass bells, a choir in thirds, strings, carol harmony."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, SNARE, TAMBOURINE, WOOD_BLOCK, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel
from engines.studio.model.style import Form, Part, Style

SLEIGH = ("x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.xo")
DRUMS = (
    Groove({TAMBOURINE: ("x...x...x...x...",)}),
    Groove({TAMBOURINE: SLEIGH, WOOD_BLOCK: ("x...o...x...o...", "x...o...x...o.o."),
            KICK: ("X.......x.......", "X.....x.x.......", "X.......x...x...")},
           min_energy=0.44),
    Groove({
        KICK: ("X.......X.......", "X.......X...x.x.", "X.....x.X......."),
        SNARE: ("....x.......x...", "....x.......x..g"),
        TAMBOURINE: ("X.x.X.x.X.x.X.x.",),
        HAT: ("o.o.o.o.o.o.o.o.",),
        WOOD_BLOCK: ("x...o...x...o.o.",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="christmas",
    name="Christmas",
    keywords=("christmas", "christmas music", "christmas carol", "christmas carols", "christmas song", "xmas",
              "carol", "carols"),
    moods=("happy", "warm", "dreamy"),
    tempo_range=(92.0, 112.0, 138.0),
    modes=("major", "major", "major", "minor"),
    progressions={
        "major A": ("I | IV | I | V7", "I | vi7 | ii7 | V7", "I V^3 | vi iii7 | IV I^3 | ii7 V7",
                    "I | I7 | IV | iv6 V7"),
        "major B": ("IV | I^5 | II7 | V7", "IVmaj7 | #ivdim7 | I^5 VI7 | ii7 V7", "vi | V7/vi | IV | V7/V V7"),
        "minor A": ("i | v^3 | bVI | V7", "i | bVII | bIII | V7", "i | iv | i^5 V7 | i"),
        "minor B": ("bIII | bVII | bVI | V7", "bVI | bIII^3 | iv | V7"),
    },
    parts=(
        Part("sleigh bells", "drums", "sleigh_bells", drum_part(DRUMS, "none", crash=False), -23.0, reverb=0.2,
             timing_jitter_ms=11.0),
        Part("bass", "bass", "upright_bass", bass.pattern("X.......x.......", (0, 7), 36.0, 0.74, length=0.8), -21.5,
             reverb=0.06, min_energy=0.4),
        Part("piano", "harmony", "piano", comping.stabs("x...x...x...x...", "x...x.x.x...x...", velocity=0.6,
             length=0.7), -22.0, pan=-0.24, reverb=0.2, timing_jitter_ms=11.0),
        Part("strings", "harmony", "strings", comping.sustained(velocity=0.55, overlap=0.1), -23.5, pan=0.26,
             reverb=0.32, min_energy=0.44),
        Part("celesta", "melody", "glockenspiel", melody_part(86, strength=0.6), -23.0, pan=0.2, reverb=0.32,
             timing_jitter_ms=8.0),
        Part("choir", "melody", "choir", in_parallel(melody_part(71, strength=0.7, legato=1.0)), -20.5, reverb=0.36,
             min_energy=0.52, timing_jitter_ms=13.0),
        Part("horns", "texture", "horn", comping.sustained(velocity=0.5), -26.0, pan=-0.3, reverb=0.34,
             min_energy=0.66),
        Part("bells", "texture", "bells", comping.stabs("X.......x.......", "X...........x...", velocity=0.6, shift=12,
             top_notes=1), -25.5, pan=-0.34, reverb=0.4, min_energy=0.5),
    ),
    key_changes=(5, 2, 1),
    line_up={
        "piano": ("piano", "harp"), "strings": ("strings", "-"), "celesta": ("glockenspiel", "music_box"),
        "choir": ("choir", "flute", "clarinet"), "horns": ("horn", "brass", "-"), "bells": ("bells", "-"),
    },
    chromatic_chords=("applied", "diminished", "borrowed"),
    chromaticism=0.2,
    approaches=0.2,
    lift=0.45,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.54), ("chorus", "B", 0.72), ("verse", "A", 0.6),
              ("chorus", "B", 0.78)), ("outro", "A", 0.5)),
    energy=0.55,
    swing=0.56,
    reverb=(2.2, 6500.0),
    bus_compression=0.3,
    treble_db=1.5,
    titles=("Lights in Every Window", "First Snow on Market Square", "Candle, Pine, Orange"),
    ritardando=0.1,
    reharmonisation=0.1,
    cadence=("ii7 V7", "iv V7"),
    melody_feel="flowing",
)  # fmt: skip
