"""K-pop: half-time trap verses, four-on-the-floor choruses, brass hits, vocal-like chops and dense chromatic chords."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("....x.......x...",), HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X..x......x.....", "X.....x...x..x.."),
        CLAP: ("........X.......",),
        HAT: ("x.x.x.x.x.x.x.x.x.x.x.x.xxxxx.x.", "x.x.x.x.xxx.x.x.x.x.x.x.x.x.xxxx"),
        RIM: ("......o.......o.", "...o......o....."),
    }, min_energy=0.44),
    Groove({SNARE: ("x...x...x...x...", "x.x.x.x.xxxxxxxx"), KICK: ("X...X...X...X...",)}, min_energy=0.6),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X.x."),
        CLAP: ("....X.......X...", "....X.......X.xx"),
        SNARE: ("....X.......X...",),
        OPEN_HAT: ("..x...x...x...x.",),
        HAT: ("xoxoxoxoxoxoxoxo",),
    }, min_energy=0.72),
)  # fmt: skip

STYLE = Style(
    key="kpop",
    name="K-pop",
    keywords=("k-pop", "kpop", "korean pop", "j-pop", "jpop", "japanese pop", "k pop", "j pop"),
    moods=("energetic", "happy", "dreamy"),
    tempo_range=(112.0, 124.0, 138.0),
    modes=("major", "minor", "minor"),
    progressions={
        "major A": ("IVmaj7 | V7 | iii7 | vi7", "vi7 | iii7 | IVmaj7 | I V7/vi", "Iadd9 | V^3 | v7 V7/IV | IVmaj7"),
        "major B": ("IVmaj7 V7 | iii7 vi7 | ii7 V7 | Iadd9 V7/IV", "IVadd9 | V7/vi | vi7 | v7 V7/IV"),
        "major C": ("ii7 | iii7 | IVmaj7 | V7sus4 V7",),
        "minor A": ("i7 | i7 | bVImaj7 | V7#9", "i | bVII | iv7 | V7", "bVImaj7 | v7 | iv7 | i9"),
        "minor B": ("bVImaj7 bVII | v7 i7 | iv7 bVII | bIIImaj7 V7/iv", "bVImaj7 | bVII | i9 | bIII^3 V7"),
        "minor C": ("iv7 | v7 | bVImaj7 | bVII V7",),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "roll"), -21.0, reverb=0.09, effects=("air",),
             timing_jitter_ms=2.5),
        Part("808", "bass", "sub_bass", bass.kick_locked(34.0, busy=0.15, velocity=0.85), -22.5, reverb=0.0,
             effects=("drive",), min_energy=0.42, max_energy=0.72, timing_jitter_ms=2.0),
        Part("bass", "bass", "synth_bass", bass.pattern("..xo..xo..xo..xx", (0, 12, 0, 0, 7, 0)), -21.5, reverb=0.0,
             effects=("duck",), min_energy=0.72, timing_jitter_ms=2.0),
        Part("plucks", "harmony", "pluck", comping.stabs("x..x..x.x..x..x.", "x.x..x..x.x..x..", shift=12, length=0.7,
             top_notes=3), -22.5, pan=-0.3, reverb=0.2, delay=0.2, timing_jitter_ms=3.0),
        Part("saws", "harmony", "supersaw", comping.stabs("X.....x...x.....", "X..x..x.....x...", length=0.9), -23.0,
             reverb=0.25, effects=("duck",), min_energy=0.6, timing_jitter_ms=3.0),
        Part("brass", "harmony", "brass", comping.stabs("......x..x......", "x.....x.........", "..........x.x.x.",
             length=0.5), -24.5, pan=0.35, reverb=0.18, effects=("bright",), min_energy=0.74, timing_jitter_ms=4.0),
        Part("chops", "texture", "chip_pulse", comping.arpeggio(0.25, order="broken", shift=12, velocity=0.5), -30.0,
             pan=0.5, reverb=0.25, delay=0.3, min_energy=0.66, timing_jitter_ms=3.0),
        Part("pad", "texture", "glass_pad", comping.sustained(velocity=0.5), -28.0, reverb=0.35, effects=("duck",),
             max_energy=0.72),
        Part("tune", "melody", "soft_lead", melody_part(76, strength=0.76), -20.5, pan=0.03, reverb=0.2, delay=0.2,
             effects=("bright",), min_energy=0.45, timing_jitter_ms=5.0),
        Part("sparkle", "melody", "glockenspiel", melody_part(86, strength=0.5, density=0.5), -30.0, pan=-0.45,
             reverb=0.3, delay=0.2, min_energy=0.78),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -33.0, reverb=0.2, min_energy=0.55,
             max_energy=0.72),
        Part("impact", "texture", "impact", comping.impact(), -31.0, reverb=0.3, min_energy=0.78),
    ),
    key_changes=(3, 2, 5),
    line_up={
        "plucks": ("pluck", "bells", "electric_piano"), "brass": ("brass", "stab", "-"), "chops": ("chip_pulse", "-"),
        "pad": ("glass_pad", "warm_pad"), "tune": ("soft_lead", "lead", "flute"),
        "sparkle": ("glockenspiel", "bells", "-"),
    },
    chromatic_chords=("applied", "borrowed", "tritone"),
    chromaticism=0.13,
    approaches=0.2,
    lift=0.4,
    presence_db=1,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.52), ("pre-chorus", "C", 0.64), ("chorus", "B", 0.88),
              ("rap", "A", 0.5), ("pre-chorus", "C", 0.66), ("chorus", "B", 0.92), ("dance break", "A", 0.84)),
              ("outro", "A", 0.5)),
    energy=0.68,
    reverb=(1.4, 8000.0),
    titles=("Neon Crush", "Ring Ring Run", "Glitter Code"),
    reharmonisation=0.1,
    cadence=("ii7 V7", "iv7 V7"),
    melody_feel="syncopated",
)  # fmt: skip
