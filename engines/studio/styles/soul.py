"""Soul (about 1966): a snare on all four beats in the chorus, tambourine, a busy bass, guitar chops, horn riffs."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.x.....",), RIM: ("....x.......x...",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X.x.....x.x.....", "X.x...x...x....."),
        SNARE: ("....X.......X...", "....X.......X..g"),
        HAT: ("x.x.x.x.x.x.x.x.",),
        TAMBOURINE: ("....x.......x...",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.x...x.X.x.....", "X.x...x.X.x...?."),
        SNARE: ("X...X...X...X...",),
        TAMBOURINE: ("x.xox.xox.xox.xo",),
        HAT: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.68),
)  # fmt: skip

STYLE = Style(
    key="soul",
    name="Soul",
    keywords=("soul", "soul music", "classic soul", "sixties soul", "60s soul", "motown sound", "soul band"),
    moods=("happy", "warm", "energetic"),
    tempo_range=(92.0, 108.0, 126.0),
    modes=("major", "major", "dorian"),
    progressions={
        "major A": ("Imaj7 | vi7 | ii7 | V7", "I | IV7 | I | IV7", "I | iii7 | IVmaj7 | V9sus4",
                    "I6 | ii7 | iii7 | IV6"),
        "major B": ("IV | V7 | iii7 | vi7", "IVmaj7 | iii7 | ii7 | V9sus4", "vi7 | V7/V | IV | V7"),
        "minor A": ("i7 | iv7 | i7 | V7", "i7 | bVII | bVI | V7", "i7 | IV7 | i7 | IV7"),
        "minor B": ("iv7 | bVII7 | bIIImaj7 | V7", "bVImaj7 | bVII | i7 | i7"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare", crash=False), -22.0, pan=-0.1, reverb=0.18,
             effects=("tape",), timing_jitter_ms=6.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X..xx.x.X.xx.xx. X..x.xx.X.x.xx.x", (0, 0, 7, 9, 0, 12, 7)),
             -20.5, reverb=0.02, effects=("warmth", "mellow"), min_energy=0.34),
        Part("guitar", "harmony", "electric_guitar", comping.stabs("....X.......X...", "....X.......X..o", shift=12,
             length=0.25, top_notes=3), -22.5, pan=0.55, reverb=0.16, effects=("twang",), min_energy=0.38),
        Part("piano", "harmony", "piano", comping.stabs("X..x..x...x..x..", "X..x..x.X.....x.", length=0.7), -22.0,
             pan=-0.4, reverb=0.16, effects=("tape",)),
        Part("organ", "texture", "organ", comping.sustained(velocity=0.62), -25.0, pan=0.25, reverb=0.2,
             min_energy=0.5),
        Part("horns", "harmony", "brass", comping.stabs("..........x..xx.", "x..x............", "......x.x.......",
             length=0.5, shift=12, top_notes=3), -23.0, pan=-0.15, reverb=0.22, effects=("mellow",), min_energy=0.58),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.5), -27.0, pan=0.35, reverb=0.35,
             min_energy=0.72),
        Part("saxophone", "melody", "sax", melody_part(68, strength=0.74), -20.5, pan=0.08, reverb=0.22,
             min_energy=0.46, delay_ms=8.0, timing_jitter_ms=10.0),
    ),
    key_changes=(5, 2),
    line_up={
        "piano": ("piano", "electric_piano"), "organ": ("organ", "organ", "-"), "strings": ("strings", "-"),
        "saxophone": ("sax", "trumpet", "humming"), "bass": ("electric_bass", "electric_bass", "upright_bass"),
    },
    chromatic_chords=("applied", "diminished", "borrowed"),
    chromaticism=0.23,
    approaches=0.3,
    lift=0.4,
    presence_db=1,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.56), ("chorus", "B", 0.8), ("verse", "A", 0.6),
              ("chorus", "B", 0.84), ("bridge", "B", 0.48)), ("outro", "A", 0.58)),
    energy=0.56,
    swing=0.54,
    swing_grid=0.25,
    reverb=(1.6, 5500.0),
    bus_compression=0.7,
    treble_db=2.0,
    titles=("Sweet Delivery", "Ain't No Hurry", "West Side Letter"),
    reharmonisation=0.08,
    cadence=("ii7 V7", "iv7 V7"),
    melody_feel="bluesy",
)  # fmt: skip
