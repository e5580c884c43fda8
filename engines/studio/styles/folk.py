"""Folk: fingerpicked steel-string guitar, fiddle and accordion melodies, hand drums, a bass on one and three."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, PEDAL, RIM, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

HANDS = (
    Groove({HAT: ("o.g.o.g.o.g.o.g.",)}, min_energy=0.36),
    Groove({
        KICK: ("X.......x.......", "X.......x.....?."),
        RIM: ("....o.......o..g", "....o..g....o..."),
        HAT: ("x.o.x.o.x.o.x.og", "x.o.x.ogx.o.x.o."),
    }, min_energy=0.46),
    Groove({
        KICK: ("X.....x.X.......", "X.....x.X...x..."),
        RIM: ("....x..g....x..g", "....x.......x.g."),
        HAT: ("xgogxgogxgogxgog",),
        TAMBOURINE: ("....x.......x...",),
        PEDAL: ("..o...o...o...o.",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="folk",
    name="Folk",
    keywords=("folk", "acoustic folk", "acoustic"),
    moods=("warm", "happy", "sad", "calm"),
    tempo_range=(84.0, 102.0, 122.0),
    modes=("major", "major", "mixolydian", "dorian"),
    progressions={
        "major A": ("I | IVadd9 | I | V7sus4",
                    "Iadd9 | V^3 | vi7 | IVadd9",
                    "I | I | IVadd9 | V",
                    "I | bVIIadd9 | IV | I"),
        "major B": ("IVadd9 | I | ii7 | V", "vi7 | IVadd9 | I | V7sus4", "IVadd9 | V | I^3 | IVmaj7"),
        "minor A": ("i | bVII | i | bVII", "i | IV | bVII | i", "i | bIII | bVII | i"),
        "minor B": ("bIII | bVII | i | IV", "bVI | bVII | i | i"),
    },
    parts=(
        Part("hands", "drums", "hand_kit", drum_part(HANDS, "soft", crash=False), -19.5, reverb=0.14,
             timing_jitter_ms=8.0),
        Part("bass", "bass", "upright_bass", bass.pattern("X...x...", (0, 7), length=0.85), -21.5, reverb=0.05,
             min_energy=0.4, timing_jitter_ms=8.0),
        Part("picking", "harmony", "steel_guitar", comping.arpeggio(0.5, order="wide", velocity=0.62, length=2.2),
             -19.5, pan=-0.3, reverb=0.14, timing_jitter_ms=8.0),
        Part("strumming", "harmony", "steel_guitar", comping.stabs("X..xo.xo", "X.xo.xox", length=0.9, spread=0.02),
             -22.5, pan=0.45, reverb=0.14, effects=("air",), min_energy=0.56, timing_jitter_ms=8.0),
        Part("banjo", "harmony", "banjo", comping.arpeggio(0.25, order="updown", velocity=0.5), -28.0, pan=0.3,
             reverb=0.14, min_energy=0.68, timing_jitter_ms=7.0),
        Part("accordion", "texture", "accordion", comping.sustained(velocity=0.5), -26.0, pan=0.2, reverb=0.22,
             min_energy=0.5, timing_jitter_ms=12.0),
        Part("fiddle", "melody", "violin", melody_part(72, strength=0.68, density=0.95), -20.5, pan=0.1, reverb=0.22,
             effects=("fiddle",), min_energy=0.42, delay_ms=6.0, timing_jitter_ms=11.0),
        Part("whistle", "melody", "flute", melody_part(79, strength=0.62, density=0.7), -24.0, pan=-0.15, reverb=0.25,
             min_energy=0.62, timing_jitter_ms=11.0),
    ),
    key_changes=(5, 7),
    line_up={
        "bass": ("upright_bass", "cello"), "picking": ("steel_guitar", "nylon_guitar"),
        "strumming": ("steel_guitar", "-"), "banjo": ("banjo", "-"), "accordion": ("accordion", "organ", "-"),
        "fiddle": ("violin", "harmonica", "flute"), "whistle": ("flute", "-"),
    },
    chromatic_chords=("applied", "borrowed"),
    chromaticism=0.15,
    lift=0.2,
    presence_db=2.5,
    form=Form(("intro", "A", 0.47), (("verse", "A", 0.5), ("chorus", "B", 0.72), ("verse", "A", 0.56),
              ("interlude", "B", 0.44)), ("outro", "A", 0.47)),
    energy=0.48,
    swing=0.53,
    reverb=(1.3, 6500.0),
    bus_compression=0.2,
    treble_db=2.5,
    titles=("Harvest Road", "The Ferryman", "Two Small Boats"),
    ritardando=0.1,
    reharmonisation=0.04,
    cadence=("IV V", "bVII"),
)  # fmt: skip
