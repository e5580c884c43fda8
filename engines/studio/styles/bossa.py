"""Bossa nova: nylon guitar in its two-bar syncopation, bass on root and fifth, soft rim and shaker, a flute."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import KICK, PEDAL, RIM, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({SHAKER: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("o..go...o..go...",),
        RIM: ("x..x..x...x..x..", "..x...x..x..x..."),
        SHAKER: ("xgogxgogxgogxgog",),
        PEDAL: ("....o.......o...",),
    }, min_energy=0.4),
)  # fmt: skip

STYLE = Style(
    key="bossa",
    name="Bossa nova",
    keywords=("bossa nova", "bossa"),
    moods=("warm", "calm", "happy"),
    tempo_range=(112.0, 128.0, 144.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("Imaj9 | Imaj9 | II9 | II9 | ii9 | bII7 | Imaj9 | bII7",
                    "Imaj9 | VI7b9 | ii9 | V13 | iii7 | VI7b9 | ii9 | V13"),
        "major B": ("IVmaj9 | iv9 | iii7 | VI7b9 | ii9 | V13 | Imaj9 | I9", "iv9 | bVII13 | bIIImaj9 | bVImaj9"),
        "minor A": ("i9 | i9 | ii7b5 | V7b9 | i69 | VI9 | ii7b5 | V7b9", "i9 | iv9 | bVII13 | bIIImaj9"),
        "minor B": ("iv9 | bVII13 | bIIImaj9 | bVImaj9 | ii7b5 | V7b9 | i69 | i69",),
    },
    parts=(
        Part("drums", "drums", "brush_kit", drum_part(DRUMS, "soft", crash=False), -21.5, reverb=0.12,
             timing_jitter_ms=5.0),
        Part("bass", "bass", "upright_bass", bass.pattern("X..xX..xX..xX..x", (0, 7, 7, 0), length=0.9), -23.5,
             reverb=0.05),
        Part("guitar", "harmony", "nylon_guitar", comping.stabs("x..x..x...x..x..", "..x...x..x..x...",
             "x..x...x..x...x.", length=0.95, spread=0.01), -20.0, pan=-0.25, reverb=0.15, timing_jitter_ms=7.0),
        Part("keys", "harmony", "electric_piano", comping.sustained(velocity=0.45, spread=0.03), -24.0, pan=0.3,
             reverb=0.2, effects=("chorus",), min_energy=0.4),
        Part("tune", "melody", "flute", melody_part(76, strength=0.66, density=0.9), -21.5, pan=0.12, reverb=0.22,
             min_energy=0.42, delay_ms=10.0, timing_jitter_ms=10.0),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.45), -29.0, reverb=0.35,
             min_energy=0.62),
    ),
    key_changes=(3, 5),
    line_up={
        "keys": ("electric_piano", "vibraphone", "-"), "tune": ("flute", "sax", "clarinet", "nylon_guitar"),
        "strings": ("strings", "-"), "bass": ("upright_bass", "upright_bass", "electric_bass"),
    },
    chromatic_chords=("tritone", "diminished", "applied"),
    chromaticism=0.2,
    approaches=0.3,
    repeated_tones=0.7,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.5), ("bridge", "B", 0.64), ("verse", "A", 0.54)),
              ("outro", "A", 0.44)),
    energy=0.45,
    reverb=(1.3, 6500.0),
    bus_compression=0.2,
    treble_db=5.0,
    titles=("Terrace at Noon", "Salt and Lime"),
    ritardando=0.06,
    reharmonisation=0.2,
    cadence=("ii9 V13", "ii7b5 V7b9"),
    melody_feel="syncopated",
)  # fmt: skip
