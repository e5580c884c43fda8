"""Industrial: a distorted marching beat, a sequenced bass in sixteenths, metal percussion, machine-like guitars."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, LOW_TOM, MID_TOM, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), RIM: ("..x..x....x..x.x", "..x..x..x...x..x")}),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X..x"),
        SNARE: ("....X.......X...",),
        RIM: ("..x..x.x..x..x.x",),
        LOW_TOM: ("......x.......x.", "...x......x....."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..xX...X..xX...", "X..xX...X..xX.x."),
        SNARE: ("....X.......X...", "....X.......X.xx"),
        HAT: ("X.x.X.x.X.x.X.x.",),
        RIM: ("..x..x.x..x..x.x", "x..x..x.x..x..xx"),
        LOW_TOM: ("......x...x.....", "..x.......x...x."),
        MID_TOM: ("..............x.", "................"),
        CRASH: ("X...............", "................", "................", "................"),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="industrial",
    name="Industrial",
    keywords=("industrial", "industrial music", "industrial beat", "electro-industrial", "electro industrial"),
    moods=("dark", "energetic"),
    tempo_range=(100.0, 116.0, 132.0),
    modes=("phrygian", "minor", "minor"),
    progressions={
        "major A": ("I5 | I5 | bII5 | I5", "I7 | I7 | bVI | bVII", "I5 | bV5 | I5 | bII5"),
        "major B": ("bVI | bVII | I5 | bII5",),
        "minor A": ("i | i | i | bII", "i5 | bV5 | i5 | bII5", "i | bVI | i | bVdim"),
        "minor B": ("bVI | bII | i | i", "i | bIII | bII | bV5", "iv | bII | i | i"),
    },
    parts=(
        Part("drums", "drums", "metal_kit", drum_part(DRUMS, "toms"), -20.5, reverb=0.18, effects=("drive", "presence"),
             timing_jitter_ms=3.5),
        Part("sequence", "bass", "acid_bass", bass.pattern("xoxxxoxxxoxxxoxx xoxxxoxxxoxxxxxx", (0, 0, 12, 0, 0, 0, 1,
             0), 36.0), -20.5, reverb=0.02, effects=("drive",), min_energy=0.36, timing_jitter_ms=3.0),
        Part("low", "bass", "reese_bass", bass.sustained(34.0, 0.7), -24.0, reverb=0.0, effects=("duck",),
             min_energy=0.5),
        Part("guitar left", "harmony", "palm_mute", comping.power_chords("X.xX.x..X.xX.x..", "X.xX.x..X.xX.xxx",
             centre=40.0, length=0.6), -23.0, pan=-0.75, reverb=0.06, effects=("metal",), min_energy=0.62,
             timing_jitter_ms=3.5),
        Part("guitar right", "harmony", "palm_mute", comping.power_chords("X.xX.x..X.xX.x..", "X.xX.x..X.xX.xxx",
             centre=40.0, length=0.6), -23.0, pan=0.75, reverb=0.06, effects=("metal",), min_energy=0.62,
             timing_jitter_ms=5.0),
        Part("anvils", "texture", "cowbell", comping.stabs("....x.......x..x", "..x.......x.....", shift=-12,
             length=0.8, top_notes=2), -26.5, pan=0.45, reverb=0.4, delay=0.25, effects=("drive",), min_energy=0.46),
        Part("choir", "harmony", "choir", comping.sustained(velocity=0.5), -26.0, reverb=0.5, effects=("dark",)),
        Part("noise", "texture", "air", comping.drone(pitch=48, velocity=0.7), -31.0, reverb=0.3, effects=("drive",)),
        Part("lead", "melody", "lead", melody_part(69, strength=0.76, density=0.85), -22.0, pan=-0.05, reverb=0.25,
             delay=0.25, effects=("drive", "dark"), min_energy=0.5, timing_jitter_ms=5.0),
        Part("impact", "texture", "impact", comping.impact(), -29.0, reverb=0.4, min_energy=0.6),
    ),
    suspensions=0.0,
    line_up={
        "anvils": ("cowbell", "-"), "choir": ("choir", "strings", "glass_pad"), "noise": ("air", "-"),
        "lead": ("lead", "acid_bass"), "guitar right": ("palm_mute", "driven_guitar"),
        "sequence": ("acid_bass", "synth_bass"),
    },
    presence_db=5.5,
    repeated_tones=0.3,
    form=Form(("intro", "A", 0.4), (("verse", "A", 0.56), ("chorus", "B", 0.84), ("machine", "A", 0.6),
              ("chorus", "B", 0.88)), ("outro", "A", 0.44)),
    energy=0.7,
    reverb=(1.8, 6000.0),
    bus_compression=0.6,
    titles=("Assembly Line", "Rust Sermon", "Pressure Vessel"),
    reharmonisation=0.0,
    cadence=("bII", "bII"),
    melody_feel="calm",
)  # fmt: skip
