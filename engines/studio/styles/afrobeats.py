"""Afrobeats: a 3-2 clave on the rim over a loping kick, picked highlife guitar, warm major sevenths, a saxophone."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CONGA, HAT, KICK, LOW_CONGA, OPEN_HAT, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

CLAVE = ("x..x..x...x.x...",)
DRUMS = (
    Groove({SHAKER: ("x.oxx.oxx.oxx.ox",), RIM: CLAVE}),
    Groove({
        KICK: ("X.....o.x..x....", "X.....o.x..x..?."),
        RIM: CLAVE,
        SHAKER: ("xgoxxgoxxgoxxgox",),
    }, min_energy=0.4),
    Groove({
        KICK: ("X...o..xX..x....", "X...o..xX..x..o."),
        RIM: CLAVE,
        SNARE: ("........g...x...", "......g.....x..g"),
        HAT: ("x.xox.xox.xox.xo",),
        OPEN_HAT: ("..........x.....", "..............x."),
        SHAKER: ("xgoxxgoxxgoxxgox",),
    }, min_energy=0.62),
)  # fmt: skip
CONGAS = (
    Groove({CONGA: ("..x..x....x..xx.", "..x..x..x...x.x."), LOW_CONGA: ("........x.......", "...x....x.......")}),
)

STYLE = Style(
    key="afrobeats",
    name="Afrobeats",
    keywords=("afrobeats", "afro beats", "naija pop"),
    moods=("happy", "warm", "energetic"),
    tempo_range=(98.0, 106.0, 116.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("Imaj7 | vi7 | IVmaj7 | V", "IVmaj7 | V | iii7 | vi7", "Iadd9 | V | vi7 | IVmaj7"),
        "major B": ("ii7 | V7sus4 | Imaj7 | vi7", "vi7 | IVmaj7 | I | V7sus4"),
        "minor A": ("i7 | bVImaj7 | bVII | v7", "i9 | iv7 | bVII | bIIImaj7", "bVImaj7 | bVII | i7 | i7"),
        "minor B": ("iv7 | v7 | i7 | bIIImaj7", "bVImaj7 | v7 | iv7 | iv7"),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "soft", crash=False), -21.5, reverb=0.1,
             timing_jitter_ms=4.5),
        Part("congas", "drums", "latin_kit", drum_part(CONGAS, "none", crash=False), -25.0, reverb=0.14,
             min_energy=0.44, timing_jitter_ms=6.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X..x..x...x.x..o", (0, 0, 7, 0, 12, 7, 0, 5), 36.0, 0.82,
             length=0.85), -21.0, reverb=0.0, effects=("warmth",), min_energy=0.36),
        Part("highlife", "harmony", "electric_guitar", comping.arpeggio(0.25, order="broken", shift=12, velocity=0.6,
             length=1.2), -22.0, pan=-0.38, reverb=0.16, delay=0.12, effects=("twang",), timing_jitter_ms=5.0),
        Part("keys", "harmony", "electric_piano", comping.stabs("x..x..x.........", "x.....x...x.....", length=0.9),
             -22.0, pan=0.3, reverb=0.2, effects=("chorus",), timing_jitter_ms=7.0),
        Part("tune", "melody", "sax", melody_part(67, strength=0.68, density=0.85), -21.0, pan=0.1, reverb=0.24,
             delay=0.15, min_energy=0.42, timing_jitter_ms=9.0),
        Part("kalimba", "melody", "kalimba", melody_part(76, strength=0.62, density=0.7), -23.5, pan=-0.15, reverb=0.25,
             max_energy=0.6, timing_jitter_ms=7.0),
        Part("voices", "texture", "humming", comping.sustained(velocity=0.5), -26.5, reverb=0.4, min_energy=0.6),
    ),
    line_up={
        "congas": ("latin_kit", "-"), "keys": ("electric_piano", "organ"), "tune": ("sax", "flute", "soft_lead"),
        "highlife": ("electric_guitar", "nylon_guitar"), "kalimba": ("kalimba", "marimba", "-"),
        "voices": ("humming", "-"),
    },
    chromatic_chords=("applied", "borrowed"),
    chromaticism=0.18,
    presence_db=3,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.54), ("chorus", "B", 0.74), ("verse", "A", 0.58),
              ("bridge", "B", 0.48)), ("outro", "A", 0.44)),
    energy=0.56,
    swing=0.54,
    swing_grid=0.25,
    reverb=(1.4, 6500.0),
    bus_compression=0.5,
    treble_db=5.0,
    titles=("Lagoon Road", "Sunday Jollof", "Easy, Easy"),
    reharmonisation=0.06,
    cadence=("IVmaj7 V", "bVImaj7 bVII"),
    melody_feel="syncopated",
)  # fmt: skip
