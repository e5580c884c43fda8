"""Amapiano: a syncopated log-drum bass, sixteenth-note shakers and wide minor-ninth chords over a soft kick."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, CONGA, HAT, KICK, OPEN_HAT, RIM, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({SHAKER: ("xoxoxoxoxoxoxoxo",), RIM: ("..x..x....x..x..",)}),
    Groove({
        KICK: ("x...x...x...x...",),
        SHAKER: ("xoXoxoXoxoXoxoXo",),
        RIM: ("..x..x....x..x..", "..x..x..x.x..x.."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X...x...X...x...",),
        SHAKER: ("xoXoxoXoxoXoxoXo",),
        CLAP: ("....x.......x...",),
        RIM: ("..x..x....x..x..", "..x..x..x.x..x.x"),
        OPEN_HAT: ("..o...o...o...o.",),
        HAT: ("g.g.g.ggg.g.g.gg",),
        CONGA: ("...x..x....x.x..", "......x..x.x...."),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="amapiano",
    name="Amapiano",
    keywords=("amapiano", "yanos"),
    moods=("warm", "dreamy", "energetic"),
    tempo_range=(109.0, 112.0, 116.0),
    modes=("minor", "dorian", "minor"),
    progressions={
        "major A": ("IVmaj9 | iii7 | vi9 | vi9", "Imaj9 | vi9 | ii9 | V9sus4", "IVmaj9 | V9sus4 | vi9 | iii7"),
        "major B": ("ii9 | iii7 | IVmaj9 | V9sus4", "vi9 | V6 | IVmaj9 | IVmaj9"),
        "minor A": ("i9 | i9 | iv9 | bVII9sus4", "bVImaj9 | v7 | i9 | i9", "i9 | bIIImaj9 | iv9 | v7"),
        "minor B": ("iv9 | v7 | bVImaj9 | bVII9sus4", "bVImaj9 | bVII6 | i9 | v7"),
        "minor C": ("iv9 | iv9 | i9 | i9",),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "none", crash=False), -22.0, reverb=0.12,
             timing_jitter_ms=4.0),
        Part("log drum", "bass", "log_drum_bass", bass.pattern("...x..x.x..x.xx. x..x..x...x..xxx ...x..xx..x.x.x.",
             (0, 0, 12, 7, 0, 10, 0, 3, 0, 12), 36.0, 0.85, length=0.8), -20.0, reverb=0.06, effects=("warmth",),
             min_energy=0.5, timing_jitter_ms=5.0),
        Part("sub", "bass", "sub_bass", bass.sustained(34.0, 0.7), -25.0, reverb=0.0, effects=("pump",)),
        Part("piano", "harmony", "piano", comping.stabs("x.....x...x.....", "x..x......x..x..", "..x..x......x...",
             velocity=0.6, length=0.95), -21.0, pan=-0.25, reverb=0.28, effects=("air",), timing_jitter_ms=8.0),
        Part("keys", "harmony", "electric_piano", comping.sustained(velocity=0.5, spread=0.04), -24.0, pan=0.3,
             reverb=0.3, effects=("chorus", "suitcase")),
        Part("tune", "melody", "flute", melody_part(74, strength=0.62, density=0.75), -22.0, pan=0.14, reverb=0.34,
             delay=0.3, min_energy=0.46, timing_jitter_ms=9.0),
        Part("mallets", "melody", "marimba", melody_part(70, strength=0.66, density=0.8, legato=0.6), -23.5, pan=-0.3,
             reverb=0.25, delay=0.2, min_energy=0.66, timing_jitter_ms=6.0),
        Part("pad", "texture", "glass_pad", comping.sustained(velocity=0.45), -27.5, reverb=0.45, effects=("duck",)),
    ),
    suspensions=0.1,
    line_up={
        "piano": ("piano", "electric_piano"), "keys": ("electric_piano", "organ", "-"),
        "tune": ("flute", "sax", "soft_lead"), "mallets": ("marimba", "kalimba", "-"),
        "pad": ("glass_pad", "warm_pad", "strings"),
    },
    chromatic_chords=("tritone", "borrowed"),
    chromaticism=0.15,
    approaches=0.2,
    presence_db=4,
    form=Form(("intro", "A", 0.42), (("groove", "A", 0.54), ("peak", "B", 0.74), ("breakdown", "C", 0.4),
              ("groove", "A", 0.66)), ("outro", "A", 0.42), phrase_bars=16),
    energy=0.55,
    swing=0.56,
    swing_grid=0.25,
    reverb=(2.0, 6000.0),
    bus_compression=0.5,
    treble_db=4.5,
    titles=("Vaal Sunset", "Sgubhu", "Second Kettle"),
    reharmonisation=0.05,
    cadence=("V9sus4", "bVII9sus4"),
    melody_feel="calm",
)  # fmt: skip
