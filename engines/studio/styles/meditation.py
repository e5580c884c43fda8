"""Meditation: singing bowls, a handpan and a slow wooden flute over a tonic pedal."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import KICK, LOW_TOM, MID_TOM, RIDE, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

HANDS = (
    Groove({RIDE: ("o...............", "................")}),
    Groove({
        KICK: ("o.........o.....", "o.......o...o...", "o...........o...", "o.....o...o.....", "o.........o..o..",
               "o...o.......o..."),
        LOW_TOM: ("......o......g..", "..........o..g.."),
        MID_TOM: ("............o...", "......?........."),
        SHAKER: ("g.g.g.g.g.g.g.g.",),
    }, min_energy=0.34),
)  # fmt: skip

STYLE = Style(
    key="meditation",
    name="Meditation music",
    keywords=("meditation music", "healing music"),
    moods=("calm", "warm"),
    tempo_range=(54.0, 62.0, 72.0),
    modes=("major", "mixolydian", "dorian"),
    progressions={
        "major A": ("Iadd9 | Iadd9 | IVadd9 | Iadd9", "Isus2 | Isus2 | Iadd9 | IVadd9"),
        "major B": ("vi7 | IVadd9 | Iadd9 | Iadd9", "IVadd9 | IVadd9 | Isus2 | Iadd9"),
        "minor A": ("iadd9 | iadd9 | IVadd9 | iadd9", "i7 | i7 | bVIIadd9 | iadd9"),
        "minor B": ("bVIIadd9 | IVadd9 | iadd9 | iadd9", "bIIIadd9 | bVIIadd9 | iadd9 | iadd9"),
    },
    parts=(
        Part("hands", "drums", "hand_kit", drum_part(HANDS, "none", crash=False), -27.0, reverb=0.4,
             timing_jitter_ms=12.0),
        Part("tonic", "bass", "cello", bass.sustained(43.0, 0.45), -23.0, reverb=0.4, effects=("cello",),
             timing_jitter_ms=20.0),
        Part("depth", "bass", "sub_bass", bass.sustained(29.0, 0.45), -29.0, reverb=0.0, timing_jitter_ms=30.0),
        Part("bowls", "harmony", "singing_bowl", comping.arpeggio(2.0, order="wide", velocity=0.5), -22.0, pan=-0.2,
             reverb=0.45, timing_jitter_ms=30.0),
        Part("handpan", "harmony", "handpan", comping.arpeggio(0.5, order="updown", velocity=0.5), -22.5, pan=0.25,
             reverb=0.35, delay=0.25, min_energy=0.24, timing_jitter_ms=14.0),
        Part("pad", "texture", "warm_pad", comping.sustained(velocity=0.5, overlap=0.8), -24.5, reverb=0.5,
             effects=("chorus",)),
        Part("flute", "melody", "flute", melody_part(74, density=0.8, strength=0.55), -21.5, pan=0.08, reverb=0.5,
             delay=0.25, min_energy=0.26, delay_ms=15.0, timing_jitter_ms=18.0),
        Part("chimes", "texture", "glockenspiel", comping.arpeggio(4.0, order="down", shift=24, velocity=0.4), -31.0,
             pan=0.4, reverb=0.6, min_energy=0.28, timing_jitter_ms=60.0),
        Part("air", "texture", "air", comping.drone(pitch=64), -32.0, reverb=0.3, effects=("air",)),
    ),
    suspensions=0.0,
    line_up={
        "tonic": ("cello", "organ"), "bowls": ("singing_bowl", "bells"), "handpan": ("handpan", "kalimba", "harp", "-"),
        "pad": ("warm_pad", "strings"), "flute": ("flute", "humming"), "chimes": ("glockenspiel", "-"),
        "hands": ("hand_kit", "-"),
    },
    form=Form(("opening", "A", 0.22), (("breath", "A", 0.34), ("path", "B", 0.44), ("breath", "A", 0.36)),
              ("outro", "A", 0.24)),
    energy=0.22,
    reverb=(3.6, 6500.0),
    bus_compression=0.15,
    treble_db=8.0,
    titles=("Sitting Still", "Moss", "Hundred Breaths"),
    ritardando=0.1,
    reharmonisation=0.0,
    cadence=("IVadd9", "bVIIadd9"),
    melody_feel="calm",
)  # fmt: skip
