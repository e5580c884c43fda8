"""Hyperpop: overdriven 808s and claps, sugary saw chords in stutters, glitching pulse arpeggios, a very high lead."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({CLAP: ("....x.......x...",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X.....X...X.....", "X..X......X...X."),
        SNARE: ("........X.......",),
        HAT: ("x.x.xxxxx.x.x.x.x.xxx.x.xxxxxxxx", "x.x.x.x.x.xxxxxxx.x.x.x.xxx.xxx."),
        RIM: ("..x..x......x..x", "x..x....x..x...."),
    }, min_energy=0.44),
    Groove({
        KICK: ("X..X..X..X..X.X.", "X..X..X.XXXX..X.", "X..X..X..X..X.X.", "X..X..X.X.X.XXXX"),
        SNARE: ("....X.......X...", "....X..X....X.XX"),
        CLAP: ("....X..x....X..x", "....X.......X..x"),
        HAT: ("x.x.x.x.xxxxx.x.", "x.x.x.xxx.x.x.x.x.xxxxxxx.x.x.x."),
        OPEN_HAT: ("......x.......x.", "..x...........x."),
        RIM: ("..x....x..x.....", ".......x..x..x.."),
    }, min_energy=0.68),
)  # fmt: skip

STYLE = Style(
    key="hyperpop",
    name="Hyperpop",
    keywords=("hyperpop", "hyper pop", "hyper-pop", "maximalist pop"),
    moods=("energetic", "happy", "dreamy"),
    tempo_range=(140.0, 156.0, 172.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("IVadd9 | V | vi7 | Iadd9^3", "Iadd9 | IVadd9 | vi7 | V", "IVmaj7 | Iadd9 | V | vi7"),
        "major B": ("IVadd9 V | vi7 I^3 | IVadd9 V | Iadd9", "vi7 | IVadd9 | Iadd9 | Vadd9"),
        "major C": ("bVImaj7 | bVII | Iadd9 | Iadd9",),
        "minor A": ("bVImaj7 | bVII | iadd9 | bIII", "iadd9 | bVImaj7 | bIII | v7", "iv7 | bVI | i7 | bVII"),
        "minor B": ("bVI bVII | i7 bIII^3 | bVI bVII | iadd9", "bIII | bVII | bVImaj7 | iv7"),
    },
    parts=(
        Part("drums", "drums", "hard_kit", drum_part(DRUMS, "roll"), -20.0, reverb=0.06, effects=("drive", "air"),
             timing_jitter_ms=3.0),
        Part("808", "bass", "sub_bass", bass.kick_locked(36.0, busy=0.3, velocity=0.95), -21.0, reverb=0.0,
             effects=("drive", "drive"), min_energy=0.42, timing_jitter_ms=2.0),
        Part("saws", "harmony", "supersaw", comping.stabs("X.xX.xX.X.xX.xX.", "X.XX.x..X.XX.x.x", "X..X..X.XXXX..X.",
             length=0.6), -22.5, reverb=0.2, effects=("pump", "air"), min_energy=0.54, timing_jitter_ms=2.5),
        Part("plucks", "harmony", "pluck", comping.stabs("x..x..x...x..x..", "x.x..x..x..x..x.", shift=12, length=0.6),
             -22.5, pan=-0.3, reverb=0.2, delay=0.2, effects=("bright",), timing_jitter_ms=3.0),
        Part("glitches", "texture", "chip_pulse", comping.arpeggio(0.25, order="updown", shift=12, velocity=0.55),
             -27.5, pan=0.5, reverb=0.15, delay=0.25, effects=("bright",), min_energy=0.48, timing_jitter_ms=3.0),
        Part("tune", "melody", "chip_lead", melody_part(82, strength=0.78, legato=0.85), -20.5, pan=0.03, reverb=0.2,
             delay=0.2, effects=("chorus", "drive"), min_energy=0.4, timing_jitter_ms=4.0),
        Part("bells", "melody", "bells", melody_part(88, strength=0.5, density=0.5), -28.0, pan=-0.5, reverb=0.3,
             delay=0.3, min_energy=0.72),
        Part("riser", "texture", "riser", comping.riser(beats=4.0), -31.0, reverb=0.2, max_energy=0.7),
        Part("impact", "texture", "impact", comping.impact(), -30.0, reverb=0.3, min_energy=0.74),
    ),
    key_changes=(2, 3),
    line_up={
        "plucks": ("pluck", "bells"), "glitches": ("chip_pulse", "-"), "tune": ("chip_lead", "soft_lead", "lead"),
        "bells": ("bells", "glockenspiel", "-"), "saws": ("supersaw", "stab"),
    },
    chromatic_chords=("mediant", "borrowed"),
    chromaticism=0.13,
    presence_db=0,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.56), ("chorus", "B", 0.9), ("glitch", "C", 0.6),
              ("verse", "A", 0.58), ("chorus", "B", 0.94)), ("outro", "A", 0.5)),
    energy=0.74,
    reverb=(1.2, 9000.0),
    bus_compression=0.8,
    titles=("Candy Overflow", "Sugar Error", "Heart.exe"),
    reharmonisation=0.0,
    cadence=("IV V", "bVI bVII"),
    melody_feel="syncopated",
)  # fmt: skip
