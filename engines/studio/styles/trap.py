"""Trap: half-time snare, rolling hats in thirty-seconds and triplets, a long 808 as the bass, dark bells on top."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

ROLLS = (
    "x...x...x...x...x...x...x.x.x.x.",
    "x...x...x...x...xxxxx...x...x...",
    "x.x.x.x.x.x.x.x.x.x.x.x.",
    "x...x...x.x.x...x...x...xoxoxoxo",
)
DRUMS = (
    Groove({HAT: ("x...x...x...x...",), RIM: ("........x.......",)}),
    Groove({
        KICK: ("X.....x.........", "X..x......x.....", "X.........x..x..", "X.....x.....?..."),
        SNARE: ("........X.......",),
        HAT: ROLLS,
    }, min_energy=0.42),
    Groove({
        KICK: ("X.....x...x.....", "X..x......x..x..", "X.....x...x..?..", "X..x..x...x....."),
        SNARE: ("........X.......", "........X.....g."),
        CLAP: ("........X.......",),
        HAT: ROLLS[::-1],
        OPEN_HAT: ("......x.........", "..............x."),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="trap",
    name="Trap",
    keywords=("trap", "trap beat", "rap beat", "trap music"),
    moods=("dark", "energetic", "sad"),
    tempo_range=(130.0, 142.0, 152.0),
    modes=("minor", "minor", "phrygian"),
    progressions={
        "major A": ("Imaj7 | iii7 | IVmaj7 | iv6",),
        "major B": ("IVmaj7 | iv6 | Imaj7 | vi7",),
        "minor A": ("i | i | bVI | bVII", "i | bVI | iv | V7", "i7 | i | bII | i"),
        "minor B": ("bVI | bVII | i | i", "iv7 | i | bVImaj7 | V7"),
        "minor C": ("bVImaj7 | iv7 | i9 | i9",),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "clap", crash=False), -15.0, reverb=0.08,
             timing_jitter_ms=2.5),
        Part("bass", "bass", "sub_bass", bass.kick_locked(34.0, busy=0.25, velocity=0.85), -25.0, reverb=0.0,
             effects=("drive",), min_energy=0.42, timing_jitter_ms=2.0),
        Part("bells", "harmony", "bells", comping.arpeggio(0.5, order="broken", velocity=0.55), -23.5, pan=-0.2,
             reverb=0.3, delay=0.22, effects=("dark",), timing_jitter_ms=5.0),
        Part("pad", "harmony", "glass_pad", comping.sustained(velocity=0.5), -24.5, reverb=0.35, effects=("duck",)),
        Part("strings", "harmony", "staccato_strings", comping.stabs("x.....x.....x...", "x...x.....x....."), -25.5,
             pan=0.35, reverb=0.25, min_energy=0.64),
        Part("tune", "melody", "flute", melody_part(74, strength=0.7, density=0.85), -21.0, pan=0.1, reverb=0.3,
             delay=0.25, min_energy=0.5),
        Part("choir", "texture", "choir", comping.sustained(velocity=0.5), -28.0, reverb=0.4, min_energy=0.7),
        Part("impact", "texture", "impact", comping.impact(), -30.0, reverb=0.3, min_energy=0.6),
    ),
    suspensions=0.1,
    line_up={
        "bells": ("bells", "piano", "pluck", "nylon_guitar"), "pad": ("glass_pad", "warm_pad"),
        "strings": ("staccato_strings", "-"), "tune": ("flute", "soft_lead", "bells", "choir"), "choir": ("choir", "-"),
        "impact": ("impact", "-"),
    },
    chromatic_chords=("borrowed", "neapolitan"),
    chromaticism=0.2,
    presence_db=3.5,
    repeated_tones=0.4,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.56), ("hook", "B", 0.8), ("verse", "A", 0.6),
              ("bridge", "C", 0.38)), ("outro", "A", 0.46)),
    energy=0.6,
    reverb=(1.7, 6500.0),
    treble_db=5.0,
    titles=("Night Shift", "No Signal"),
    reharmonisation=0.08,
    cadence=("iv6", "V7"),
    melody_feel="syncopated",
)  # fmt: skip
