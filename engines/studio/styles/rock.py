"""Rock: two driven guitars left and right, bass in eighths, a loud acoustic kit, a chorus bigger than its verse."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, OPEN_HAT, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X......xX.......", "X.....x.X.x.....", "X......xX..x...."),
        SNARE: ("....X.......X..g", "....X..g....X..."),
        HAT: ("X.x.X.x.X.x.X.x.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..x..x.X.x.....", "X.....x.X.x...x.", "X..x..x.X..x...."),
        SNARE: ("....X.......X...", "....X..g....X..x"),
        OPEN_HAT: ("x...x...x...x...",),
        CRASH: ("................", "................", "................", "X..............."),
    }, min_energy=0.7),
)  # fmt: skip

STYLE = Style(
    key="rock",
    name="Rock",
    keywords=("rock", "hard rock", "classic rock", "rock band", "rock music"),
    moods=("energetic", "happy", "epic"),
    tempo_range=(104.0, 124.0, 152.0),
    modes=("major", "mixolydian", "minor", "minor"),
    progressions={
        "major A": ("I | I | bVII | IVadd9", "Iadd9 | V | vi7 | IVadd9", "I | IVadd9 | I | V7sus4"),
        "major B": ("IV | V | I | vi", "vi | IV | I | V", "IV | I | V | bVII"),
        "major C": ("vi | iii | IV | V",),
        "minor A": ("i | bVII | bVImaj7 | bVII", "i | i | bIII | iv7", "i | bVIadd9 | bIII | bVII"),
        "minor B": ("bVI | bVII | i | bIII", "bIII | bVII | iv | bVI"),
        "minor C": ("iv | bVI | bVII | V",),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms"), -21.5, reverb=0.14, timing_jitter_ms=5.0),
        Part("bass", "bass", "electric_bass", bass.sustained(pulse=0.5, velocity=0.8), -22.5, reverb=0.0,
             effects=("drive",), min_energy=0.35, timing_jitter_ms=5.0),
        Part("guitar left", "harmony", "driven_guitar", comping.power_chords("XoxoXoxo", "X.xoX.xo", "Xoxoxoxx",
             length=0.65), -24.0, pan=-0.75, reverb=0.1, effects=("amp",), min_energy=0.66, timing_jitter_ms=7.0),
        Part("guitar right", "harmony", "driven_guitar", comping.power_chords("X...x...", "X.....x.", "X..x..x."),
             -23.5, pan=0.75, reverb=0.1, effects=("amp",), min_energy=0.42, timing_jitter_ms=7.0),
        Part("clean guitar", "harmony", "electric_guitar", comping.arpeggio(0.5, order="updown", velocity=0.6), -23.5,
             pan=0.3, reverb=0.2, delay=0.12, effects=("chorus",), max_energy=0.62, timing_jitter_ms=7.0),
        Part("acoustic guitar", "harmony", "steel_guitar", comping.stabs("X..xo.xo", "X.xo.xxo", length=0.95,
             spread=0.02, top_notes=4), -27.0, pan=-0.4, reverb=0.14, effects=("air",), max_energy=0.8,
             timing_jitter_ms=7.0),
        Part("lead guitar", "melody", "driven_guitar", melody_part(69, strength=0.8, density=0.9), -21.5, pan=0.05,
             reverb=0.2, delay=0.2, effects=("crunch", "presence"), min_energy=0.55, timing_jitter_ms=8.0),
        Part("organ", "texture", "organ", comping.sustained(velocity=0.6), -28.0, pan=-0.2, reverb=0.2,
             min_energy=0.74),
    ),
    key_changes=(5, 3, 2),
    line_up={
        "clean guitar": ("electric_guitar", "piano"), "acoustic guitar": ("steel_guitar", "-"),
        "lead guitar": ("driven_guitar", "driven_guitar", "electric_guitar"), "organ": ("organ", "strings", "-"),
        "bass": ("electric_bass", "picked_bass"),
    },
    chromatic_chords=("borrowed",),
    chromaticism=0.1,
    approaches=0.15,
    lift=0.2,
    presence_db=0,
    form=Form(("intro", "A", 0.45), (("verse", "A", 0.55), ("chorus", "B", 0.84), ("verse", "A", 0.58),
              ("chorus", "B", 0.88), ("bridge", "C", 0.5)), ("outro", "A", 0.66)),
    energy=0.7,
    reverb=(1.3, 6500.0),
    bus_compression=0.4,
    titles=("Last Exit", "Gravel", "Matchbox"),
    reharmonisation=0.05,
    cadence=("bVII V", "bVII V"),
)  # fmt: skip
