"""Ska: guitar and piano on each off-beat, a walking bass, drums on two and four, and a horn section."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIDE, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("..x...x...x...x.",), RIM: ("....x.......x...",)}),
    Groove({
        KICK: ("....X.......X...",),
        RIM: ("....X.......X...", "....X.......X..o"),
        HAT: ("x.X.x.X.x.X.x.X.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("....X.......X...", "....X.......X.x."),
        SNARE: ("....X.......X...", "....X..g....X.gx"),
        RIDE: ("x.X.x.X.x.X.x.X.",),
        TAMBOURINE: ("..o...o...o...o.",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="ska",
    name="Ska",
    keywords=("ska", "ska music", "ska punk", "traditional ska", "jamaican ska", "ska band"),
    moods=("happy", "energetic"),
    tempo_range=(124.0, 142.0, 164.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I | vi | ii7 | V7", "I | I7 | IV | V7", "I | IV | V7 | I6", "I6 | VI7 | ii7 | V7"),
        "major B": ("IV | V7 | I | vi7", "ii7 | V7 | I6 | VI7", "IV | I | V7/V | V7"),
        "minor A": ("i | iv7 | i | V7", "i | bVII | bVI | V7", "i6 | iv6 | V7 | i"),
        "minor B": ("iv7 | bVII7 | bIII | bVI", "bVI | V7 | i | i"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -21.5, reverb=0.14,
             timing_jitter_ms=8.5),
        Part("bass", "bass", "upright_bass", bass.walking(38.0), -20.5, reverb=0.02, effects=("warmth",),
             min_energy=0.36),
        Part("guitar upstroke", "harmony", "electric_guitar", comping.stabs("..X...X...X...X.", "..X...X...X...Xo",
             shift=12, length=0.4, spread=-0.01, top_notes=3), -21.5, pan=-0.55, reverb=0.12, effects=("twang",),
             timing_jitter_ms=6.0),
        Part("piano", "harmony", "piano", comping.stabs("..x...x...x...x.", length=0.45), -23.5, pan=0.4, reverb=0.14,
             min_energy=0.44, timing_jitter_ms=6.0),
        Part("organ", "harmony", "organ", comping.stabs("..xo..xo..xo..xo", "..x.o.x...x.o.x.", length=0.5), -25.5,
             pan=0.15, reverb=0.14, min_energy=0.56, timing_jitter_ms=6.0),
        Part("trumpet", "melody", "trumpet", melody_part(75, strength=0.78, legato=0.75), -20.5, pan=0.15, reverb=0.2,
             min_energy=0.44, timing_jitter_ms=8.0),
        Part("saxophone", "melody", "sax", melody_part(66, strength=0.72, density=0.8, legato=0.75), -22.5, pan=-0.2,
             reverb=0.2, min_energy=0.6, timing_jitter_ms=10.0),
        Part("trombones", "texture", "brass", comping.stabs("X..x............", "..........x.x...", "x.......x..x....",
             length=0.5), -25.0, pan=0.35, reverb=0.2, effects=("mellow",), min_energy=0.62, timing_jitter_ms=8.0),
    ),
    line_up={
        "piano": ("piano", "-"), "organ": ("organ", "-"), "trumpet": ("trumpet", "trumpet", "clarinet"),
        "trombones": ("brass", "-"), "bass": ("upright_bass", "electric_bass"),
    },
    chromatic_chords=("applied", "borrowed"),
    chromaticism=0.13,
    approaches=0.3,
    lift=0.2,
    presence_db=-1,
    repeated_tones=0.9,
    form=Form(("intro", "A", 0.48), (("verse", "A", 0.56), ("chorus", "B", 0.8), ("solo", "A", 0.66),
              ("chorus", "B", 0.84)), ("outro", "A", 0.58)),
    energy=0.66,
    swing=0.56,
    reverb=(1.2, 6000.0),
    bus_compression=0.5,
    treble_db=1.0,
    titles=("Checkerboard Shoes", "Harbour Parade", "One Step to the Left"),
    reharmonisation=0.04,
    cadence=("ii7 V7", "iv7 V7"),
    melody_feel="bluesy",
)  # fmt: skip
