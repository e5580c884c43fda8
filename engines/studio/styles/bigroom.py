"""Big room EDM: a piano and saw breakdown, a snare roll, and a drop of kick drum, low octaves and a lead riff."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import (
    CLAP,
    CRASH,
    HAT,
    KICK,
    OPEN_HAT,
    SHAKER,
    SNARE,
    TAMBOURINE,
    Groove,
    drum_part,
)
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

FLOOR = ("X...X...X...X...",)
DRUMS = (
    Groove({HAT: ("..o...o...o...o.",)}),
    Groove({KICK: FLOOR, CLAP: ("....x.......x...",), HAT: ("..x...x...x...x.",),
            SHAKER: ("o.x.o.xoo.x.o.x.",)}, min_energy=0.44),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X...", "X...X...X...X...", "X..............."),
        SNARE: ("x...x...x...x...", "x...x...x...x...", "x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx"),
    }, min_energy=0.6),
    Groove({
        KICK: FLOOR,
        CLAP: ("....X.......X...",),
        OPEN_HAT: ("..X...X...X...X.",),
        CRASH: ("X...............", "................", "................", "................"),
        HAT: ("..x...x...x...x.", "..x...x...x..xxx"),
        TAMBOURINE: ("x.o.x.o.x.o.x.oo",),
    }, min_energy=0.74),
)  # fmt: skip

STYLE = Style(
    key="bigroom",
    name="Big room EDM",
    keywords=("big room", "bigroom", "edm", "big room house", "big room edm", "electronic dance music",
              "festival house"),
    moods=("energetic", "epic", "happy"),
    tempo_range=(126.0, 128.0, 132.0),
    modes=("minor", "minor", "major"),
    progressions={
        "major A": ("vi | IV | I | V", "IVadd9 | Iadd9 | V | vi7", "I | V | vi | IVmaj7"),
        "major B": ("vi | vi | IV | V", "I | I | IV | V"),
        "minor A": ("iadd9 | bVImaj7 | bIII | bVII", "bVImaj7 | bVII | i | bIII", "i | bIII | bVII | iv7"),
        "minor B": ("i | i | bVI | bVII", "i | i | i | bII", "i | bIII | bVI | V"),
        "minor C": ("iv7 | bVImaj7 | bVII | V7sus4",),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "roll"), -20.0, reverb=0.16, effects=("warmth",),
             timing_jitter_ms=2.5),
        Part("low octaves", "bass", "house_bass", bass.pattern("..xx..xx..xx..xx", (0, 0, 0, 12)), -22.0, reverb=0.0,
             effects=("pump", "drive"), min_energy=0.7, timing_jitter_ms=2.0),
        Part("sub", "bass", "sub_bass", bass.sustained(34.0, 0.7), -23.5, reverb=0.0, effects=("pump",),
             max_energy=0.7),
        Part("piano", "harmony", "piano", comping.stabs("X..x..x.X..x..x.", "X..x..x...x.x...", length=0.95), -21.0,
             reverb=0.28, effects=("bright",), max_energy=0.7, timing_jitter_ms=5.0),
        Part("saws", "harmony", "supersaw", comping.sustained(velocity=0.62), -22.5, reverb=0.35,
             effects=("ensemble", "pump"), min_energy=0.3),
        Part("riff", "melody", "lead", comping.stabs("x..x..x..x..x.x.", "x..x..x..x..xxx.", shift=12, length=0.6,
             top_notes=1), -20.5, reverb=0.25, delay=0.1, effects=("drive", "ensemble"), min_energy=0.72,
             timing_jitter_ms=2.5),
        Part("tune", "melody", "pluck", melody_part(76, strength=0.76), -21.5, pan=-0.08, reverb=0.35, delay=0.3,
             min_energy=0.3, max_energy=0.74, timing_jitter_ms=4.0),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.5), -27.5, reverb=0.4,
             max_energy=0.6),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -28.0, reverb=0.25, max_energy=0.74),
        Part("impact", "texture", "impact", comping.impact(), -27.0, reverb=0.45, min_energy=0.74),
    ),
    suspensions=0.1,
    line_up={
        "piano": ("piano", "pluck"), "riff": ("lead", "supersaw"), "tune": ("pluck", "bells", "soft_lead"),
        "strings": ("strings", "choir", "-"), "low octaves": ("house_bass", "synth_bass"),
    },
    chromatic_chords=("borrowed", "mediant"),
    chromaticism=0.15,
    lift=0.2,
    presence_db=2.5,
    form=Form(("intro", "A", 0.5), (("breakdown", "A", 0.36), ("build", "C", 0.64), ("drop", "B", 0.88),
              ("breakdown", "A", 0.4), ("build", "C", 0.66), ("drop", "B", 0.92)), ("outro", "A", 0.5)),
    energy=0.76,
    reverb=(2.4, 8000.0),
    bus_compression=0.5,
    titles=("Main Stage", "Ten Thousand Hands", "Skyline Riot"),
    reharmonisation=0.0,
    cadence=("IV V", "bVI bVII"),
    melody_feel="syncopated",
)  # fmt: skip
