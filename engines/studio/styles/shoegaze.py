"""Shoegaze: walls of fuzz guitars with tremolo and long reverb, buried voices, major sevenths over washed drums."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, RIDE, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X...............",), RIDE: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X.....x.x.......", "X.....x.x.x....."),
        SNARE: ("....X.......X...",),
        HAT: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.44),
    Groove({
        KICK: ("X.....xxx.x.....", "X.....x.x.x..x.."),
        SNARE: ("....X.......X...", "....X....x..X..."),
        RIDE: ("X.x.X.x.X.x.X.x.",),
        CRASH: ("x.......x.......", "x..............."),
        TAMBOURINE: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="shoegaze",
    name="Shoegaze",
    keywords=("shoegaze", "shoegazing", "shoe gaze", "post-rock", "post rock", "postrock", "nugaze"),
    moods=("dreamy", "sad", "epic"),
    tempo_range=(84.0, 102.0, 122.0),
    modes=("major", "lydian", "minor"),
    progressions={
        "major A": ("Imaj7 | Imaj7 | IVmaj9 | IVmaj9", "Iadd9 | Vsus2 | IVadd9 | IVadd9",
                    "IVmaj7 | Iadd9 | vi7 | Vsus4"),
        "major B": ("vi9 | IVmaj7 | Iadd9 | Vadd9", "IVmaj9 | V | Imaj7 | iii7", "ii9 | IVadd9 | Iadd9 | Iadd9"),
        "minor A": ("iadd9 | iadd9 | bVImaj7 | bVImaj7", "i9 | bIIIadd9 | bVIIsus2 | iv9",
                    "bVImaj7 | bVIIadd9 | i7 | v7"),
        "minor B": ("bIIImaj7 | bVIIadd9 | bVImaj9 | bVImaj9", "iv9 | bVImaj7 | i7 | bVIIsus2"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms"), -22.0, reverb=0.35, timing_jitter_ms=8.0),
        Part("bass", "bass", "picked_bass", bass.sustained(pulse=0.5, velocity=0.75), -21.5, reverb=0.05,
             effects=("drive", "mellow"), min_energy=0.38),
        Part("wall left", "harmony", "driven_guitar", comping.sustained(velocity=0.75, spread=0.02), -22.0, pan=-0.75,
             reverb=0.5, effects=("amp", "tremolo"), min_energy=0.54, timing_jitter_ms=10.0),
        Part("wall right", "harmony", "driven_guitar", comping.stabs("X.xoxoxoX.xoxoxo", "X.xoxoxoX.xox.xo",
             length=0.98), -22.0, pan=0.75, reverb=0.5, effects=("amp", "ensemble"), min_energy=0.62,
             timing_jitter_ms=10.0),
        Part("clean guitar", "harmony", "electric_guitar", comping.arpeggio(0.5, order="updown", shift=12, velocity=0.6,
             length=2.0), -22.5, pan=0.3, reverb=0.5, delay=0.4, effects=("ensemble",), timing_jitter_ms=9.0),
        Part("pad", "texture", "glass_pad", comping.sustained(shift=12, velocity=0.5), -27.0, reverb=0.55,
             effects=("wobble",)),
        Part("voices", "melody", "humming", melody_part(72, strength=0.62, legato=1.04), -22.5, pan=-0.05, reverb=0.5,
             delay=0.25, effects=("soloist", "air"), min_energy=0.42, delay_ms=12.0, timing_jitter_ms=14.0),
        Part("lead guitar", "melody", "driven_guitar", melody_part(79, strength=0.66, density=0.7), -24.5, pan=0.2,
             reverb=0.55, delay=0.4, effects=("crunch", "wobble"), min_energy=0.68, timing_jitter_ms=14.0),
    ),
    line_up={
        "clean guitar": ("electric_guitar", "steel_guitar"), "pad": ("glass_pad", "organ", "strings"),
        "voices": ("humming", "choir"), "lead guitar": ("driven_guitar", "-"),
    },
    chromatic_chords=("borrowed", "mediant"),
    chromaticism=0.15,
    presence_db=0,
    form=Form(("intro", "A", 0.4), (("verse", "A", 0.52), ("chorus", "B", 0.84), ("verse", "A", 0.56),
              ("wash", "B", 0.92)), ("outro", "A", 0.46)),
    energy=0.6,
    reverb=(3.4, 6500.0),
    bus_compression=0.6,
    treble_db=1.5,
    titles=("Slow Bloom", "Under Bright Water", "Half-Awake in August"),
    reharmonisation=0.04,
    cadence=("IV Vsus4", "bVI bVIIadd9"),
    melody_feel="calm",
)  # fmt: skip
