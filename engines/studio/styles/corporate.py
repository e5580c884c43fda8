"""Corporate: muted guitar in eighths, claps and four on the floor, bright piano and bells over I, V, vi and IV."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, SHAKER, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({CLAP: ("....o.......o...",), SHAKER: ("x.o.x.o.x.o.x.o.",)}, min_energy=0.36),
    Groove({
        KICK: ("X...x...X...x...",),
        CLAP: ("....x.......x...",),
        SHAKER: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.48),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X.x."),
        SNARE: ("....x.......x...",),
        CLAP: ("....X.......X...", "....X.......X.xx"),
        HAT: ("x.o.x.o.x.o.x.oo",),
        OPEN_HAT: ("..............x.",),
        TAMBOURINE: ("..x...x...x...x.",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="corporate",
    name="Corporate",
    keywords=("corporate", "corporate music"),
    moods=("happy", "energetic", "warm"),
    tempo_range=(100.0, 114.0, 128.0),
    modes=("major",),
    progressions={
        "major A": ("Iadd9 | V | vi7 | IVadd9", "IVadd9 | V | Iadd9 | vi7", "Iadd9 | IVadd9 | vi7 | V",
                    "vi7 | IVadd9 | I | V"),
        "major B": ("IVadd9 | I^3 | ii7 | V7sus4", "vi7 | V | IVadd9 | IVmaj7"),
        "major C": ("ii7 | vi7 | IVmaj7 | IVmaj7",),
        "minor A": ("iadd9 | bVI | bIII | bVII", "bVImaj7 | bVII | i7 | bIII"),
        "minor B": ("bVI | bIII^3 | iv7 | bVII",),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare"), -22.0, reverb=0.14, timing_jitter_ms=4.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X.x.x.x.x.x.x.x.", (0,), 36.0, 0.76, length=0.85), -21.0,
             reverb=0.0, min_energy=0.48, timing_jitter_ms=4.0),
        Part("muted guitar", "harmony", "muted_guitar", comping.arpeggio(0.5, order="broken", velocity=0.7), -21.0,
             pan=-0.36, reverb=0.16, delay=0.2, timing_jitter_ms=5.0),
        Part("second guitar", "harmony", "muted_guitar", comping.stabs("x.xxx.xxx.xxx.xx", "x.x.x.xxx.x.x.xx", shift=12,
             length=0.5, top_notes=2), -24.0, pan=0.38, reverb=0.16, min_energy=0.56, timing_jitter_ms=5.0),
        Part("piano", "harmony", "piano", comping.stabs("x...x...x...x...", "x..x..x.x...x...", velocity=0.65,
             length=0.95), -21.5, pan=0.18, reverb=0.22, effects=("bright",), min_energy=0.4, timing_jitter_ms=6.0),
        Part("bells", "melody", "glockenspiel", melody_part(84, strength=0.62, density=0.9), -23.0, pan=0.24,
             reverb=0.28, delay=0.15, min_energy=0.44, timing_jitter_ms=6.0),
        Part("lead guitar", "melody", "electric_guitar", melody_part(71, strength=0.68, legato=1.0), -22.0, pan=-0.12,
             reverb=0.26, delay=0.3, effects=("chorus",), min_energy=0.62, timing_jitter_ms=8.0),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.5), -26.0, reverb=0.4,
             min_energy=0.54),
        Part("swell", "texture", "riser", comping.riser(beats=4.0), -34.0, reverb=0.3, min_energy=0.44),
    ),
    key_changes=(5, 2),
    line_up={
        "muted guitar": ("muted_guitar", "pluck"), "second guitar": ("muted_guitar", "-"),
        "bells": ("glockenspiel", "marimba", "vibraphone"), "lead guitar": ("electric_guitar", "piano"),
        "strings": ("strings", "warm_pad", "-"),
    },
    chromatic_chords=("borrowed", "applied"),
    chromaticism=0.23,
    lift=0.3,
    presence_db=3.5,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.54), ("chorus", "B", 0.74), ("bridge", "C", 0.44),
              ("chorus", "A", 0.82)), ("outro", "A", 0.46)),
    energy=0.58,
    reverb=(1.6, 6500.0),
    bus_compression=0.5,
    treble_db=2.0,
    titles=("Quarterly Sunrise", "Moving Forward", "The Open Plan"),
    reharmonisation=0.03,
    cadence=("IVadd9 V", "bVI bVII"),
    melody_feel="flowing",
)  # fmt: skip
