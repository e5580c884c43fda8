"""Dubstep: half-time drums at 140, a bass that wobbles in changing note values, a dark intro and a heavy drop."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, CRASH, HAT, KICK, OPEN_HAT, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("........x.......", "........x....o.."), HAT: ("x.....x...x...x.",)}),
    Groove({
        KICK: ("X.........x.....", "X.....x...x....."),
        SNARE: ("........X.......",),
        HAT: ("x..xo.x..xo.x.x.", "x.o.x..xo.x.x..x"),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.....x...x...x.", "X..x......x.....", "X.....x...x..x.."),
        SNARE: ("........X.......", "........X.......", "........X......x"),
        CLAP: ("........X.......",),
        HAT: ("x.ox.ox.ox.ox.ox.ox.oxxx", "x.o.x.ox.o.x.ox."),
        OPEN_HAT: ("....x.......x...", "......x.......x."),
        CRASH: ("X...............", "................", "................", "................"),
    }, min_energy=0.7),
)  # fmt: skip
WOBBLES = (
    "X.......x...x...X...x...x.x.x.x. X...........x...x...x...X.x.x.x. "
    "X.......x...x...X.x.x.x.x.x.x.x. X.......X.......x.x.x.x.x.x.x.x."
)
"""Each note is one sweep of the filter: half notes, quarters, eighths and sixteenths of the half-time bar."""

STYLE = Style(
    key="dubstep",
    name="Dubstep",
    keywords=("dubstep", "dub step", "dubstep drop", "heavy dubstep"),
    moods=("dark", "energetic", "epic"),
    tempo_range=(138.0, 140.0, 145.0),
    modes=("minor", "minor", "phrygian"),
    progressions={
        "major A": ("I | I | bVI | bVII", "I | iv6 | I | bVII", "Iadd9 | Iadd9 | iv6 | bVII"),
        "major B": ("I | I | bVI | bVII",),
        "minor A": ("iadd9 | iadd9 | bVImaj7 | bVII", "i7 | i7 | iv7 | bVI", "iadd9 | v7 | bVImaj7 | bIImaj7"),
        "minor B": ("i | i | bVI | bII", "i | i | bIII | bII", "i | i | i | bVI V"),
        "minor C": ("bVImaj7 | iv7 | iadd9 | V7sus4",),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "roll"), -20.0, reverb=0.12, effects=("drive",),
             timing_jitter_ms=2.5),
        Part("wobble", "bass", "wobble_bass", bass.pattern(WOBBLES, (0, 0, 0, 0, 12, 0, 3, 0), 33.0, length=0.97),
             -20.0, reverb=0.03, effects=("drive", "presence"), min_energy=0.64, timing_jitter_ms=1.5),
        Part("sub", "bass", "sub_bass", bass.sustained(33.0, 0.75), -22.5, reverb=0.0, min_energy=0.36,
             timing_jitter_ms=2.0),
        Part("growl", "melody", "acid_bass",
             bass.pattern("....x.x.......x.x.xx............ ............x.xxx.x.....x.x.....", (0, 12, 3, 0, 10, 12, 7),
             centre=45.0, length=0.8), -22.5, pan=0.12, reverb=0.08, delay=0.08, effects=("drive", "ensemble"),
             min_energy=0.7, timing_jitter_ms=2.0),
        Part("pad", "harmony", "glass_pad", comping.sustained(velocity=0.5), -23.5, reverb=0.45, effects=("ensemble",),
             max_energy=0.7),
        Part("stabs", "harmony", "supersaw", comping.stabs("X...............", "X.......x.......", "X.....x.........",
             length=0.5), -23.5, reverb=0.3, delay=0.15, effects=("duck",), min_energy=0.68, timing_jitter_ms=2.5),
        Part("bells", "melody", "bells", melody_part(76, strength=0.6, density=0.9), -22.5, pan=-0.2, reverb=0.4,
             delay=0.35, max_energy=0.7),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.5), -27.0, pan=0.2, reverb=0.4,
             max_energy=0.7),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -30.0, reverb=0.25, max_energy=0.72),
        Part("impact", "texture", "impact", comping.impact(), -27.0, reverb=0.35, min_energy=0.7),
    ),
    suspensions=0.1,
    line_up={
        "growl": ("acid_bass", "lead"), "pad": ("glass_pad", "warm_pad", "strings"), "stabs": ("supersaw", "stab"),
        "bells": ("bells", "piano", "pluck"), "strings": ("strings", "choir", "-"),
    },
    chromatic_chords=("neapolitan", "mediant"),
    chromaticism=0.18,
    presence_db=6.0,
    repeated_tones=0.7,
    form=Form(("intro", "A", 0.36), (("build", "C", 0.48), ("drop", "B", 0.88), ("breakdown", "A", 0.34),
              ("build", "C", 0.5), ("drop", "B", 0.92)), ("outro", "A", 0.4)),
    energy=0.78,
    reverb=(2.2, 6500.0),
    bus_compression=0.5,
    titles=("Under the Flyover", "Voltage Drop", "Concrete Lung"),
    reharmonisation=0.0,
    cadence=("bVII", "bVI V"),
    melody_feel="calm",
)  # fmt: skip
