"""Techno: a hard kick, an off-beat rumbling bass, and one chord with changing timbre instead of a progression."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIDE, RIM, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.oo",), RIM: ("...x..?...x...?.", "......x..x......")}),
    Groove({KICK: ("X...X...X...X...",), HAT: ("..x...x...x...x.",), RIM: ("...o..x......o..",)}, min_energy=0.4),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X...", "X...X...X...X..x", "X...X...X...X..."),
        CLAP: ("....x.......x...",),
        OPEN_HAT: ("..X...X...X...X.",),
        HAT: ("ogogogogogogogog", "ogoxogogogoxogog"),
        RIM: ("...o..x..o....?.", "?..o..x......o.."),
        TAMBOURINE: ("..g...g...g..gg.",),
    }, min_energy=0.6),
    Groove({
        KICK: ("X...X...X...X...",),
        CLAP: ("....X.......X...",),
        OPEN_HAT: ("..X...X...X...X.",),
        HAT: ("xoxoxoxoxoxoxoxo",),
        RIDE: ("x...x...x...x...",),
        RIM: ("...x..x..o...x..",),
    }, min_energy=0.85),
)  # fmt: skip

STYLE = Style(
    key="techno",
    name="Techno",
    keywords=("techno", "minimal techno", "industrial techno", "acid techno", "techno music", "rave music"),
    moods=("energetic", "dark"),
    tempo_range=(126.0, 131.0, 138.0),
    modes=("minor", "phrygian", "minor"),
    progressions={
        "major A": ("I7 | I7 | I7 | bVII7",),
        "major B": ("I7 | bVII | IV | I7",),
        "minor A": ("i7 | i7 | i7 | bIImaj7", "i7 | i7 | i7 | bVII", "i9 | i9 | i9 | iv9"),
        "minor B": ("i7 | bVImaj7 | i7 | bVII", "i7 | iv7 | i7 | bIImaj7"),
        "minor C": ("bVImaj7 | bVII | i9 | i9",),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "roll"), -23.0, reverb=0.10, effects=("warmth",),
             timing_jitter_ms=1.8),
        Part("bass", "bass", "reese_bass", bass.pattern("..xx..xx..xx..xo", (0, 0, 0, 0, 0, 12, 0)), -23.0, reverb=0.0,
             effects=("pump",), min_energy=0.4, timing_jitter_ms=2.0),
        Part("acid", "melody", "acid_bass", bass.pattern("xx.xx.x.xx.x.xxo", (0, 12, 0, 3, 0, 10, 12, 7, 0, 5, 12),
             centre=50.0, velocity=0.75), -24.0, pan=0.15, reverb=0.14, delay=0.25, effects=("drive",), min_energy=0.6,
             timing_jitter_ms=2.5),
        Part("stabs", "harmony", "stab", comping.stabs("...x..x.........", "......x..x......", "...x......x.....",
             length=0.6), -22.5, pan=-0.2, reverb=0.3, delay=0.4, effects=("duck",), min_energy=0.3,
             timing_jitter_ms=3.0),
        Part("pad", "texture", "glass_pad", comping.sustained(velocity=0.5), -27.0, reverb=0.45, effects=("pump",)),
        Part("tune", "melody", "bells", melody_part(74, density=0.7, strength=0.6), -26.5, pan=-0.15, reverb=0.4,
             delay=0.3, min_energy=0.3, max_energy=0.5),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -31.0, reverb=0.25),
        Part("impact", "texture", "impact", comping.impact(), -30.0, reverb=0.4, min_energy=0.6),
    ),
    suspensions=0.0,
    line_up={
        "bass": ("reese_bass", "sub_bass"), "acid": ("acid_bass", "lead"), "stabs": ("stab", "organ"),
        "pad": ("glass_pad", "warm_pad", "choir"), "tune": ("bells", "pluck", "vibraphone"), "impact": ("impact", "-"),
    },
    chromatic_chords=("neapolitan",),
    chromaticism=0.15,
    presence_db=3.5,
    repeated_tones=0.6,
    form=Form(("intro", "A", 0.45), (("groove", "A", 0.62), ("peak", "B", 0.86), ("breakdown", "C", 0.32),
              ("drop", "A", 0.92)), ("outro", "A", 0.47), phrase_bars=16),
    energy=0.7,
    reverb=(1.9, 6000.0),
    bus_compression=0.6,
    titles=("Steel Corridor", "Sector Nine"),
    reharmonisation=0.05,
    cadence=("bVII", "bVII"),
    melody_feel="calm",
)  # fmt: skip
