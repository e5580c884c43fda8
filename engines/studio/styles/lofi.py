"""Lofi hip hop: dusty, swung drums, an electric piano with ninths, vinyl crackle, laid-back timing."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({
        KICK: ("X.........x.....", "X......?..x....."),
        RIM: ("....x.......x...",),
        HAT: ("x...o...x...o.o.", "x...o...x...o..."),
    }),
    Groove({
        KICK: ("X......x..x.....", "X..?...x..X...?.", "X.....x...x.....", "X......x.xx....."),
        SNARE: ("....X.......X..g", "....X..g....X...", "....X.......X.g."),
        HAT: ("x.o.x.ogx.o.x.o.", "x.o.x.o.x.ogx.o?"),
    }, min_energy=0.42),
    Groove({
        KICK: ("X......x..x.....", "X..x...x..X...?.", "X.....x...x..x..", "X......x.xx....."),
        SNARE: ("....X..g....X..g", "....X..g.g..X...", "....X.......X.gg"),
        HAT: ("xoxgxogxxoxgxoxo", "xoxgxoxgxogxxo?o"),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="lofi",
    name="Lofi hip hop",
    keywords=("lofi hip hop", "lo-fi hip hop", "lofi", "lo-fi", "lo fi", "chillhop", "study beats", "lofi beats"),
    moods=("warm", "calm", "sad", "dreamy"),
    tempo_range=(68.0, 80.0, 90.0),
    modes=("major", "minor", "dorian"),
    progressions={
        "major A": ("ii9 | V13 | Imaj9 | vi9", "IVmaj9 | iii7 | ii9 | Imaj9", "Imaj9 | III7 | vi9 | v9 I9"),
        "major B": ("IVmaj9 | iv9 | Imaj9 | VI7b9", "IVmaj9 | V9sus4 | iii7 | vi9"),
        "minor A": ("i9 | iv9 | bVIImaj9 | bIIImaj7", "i9 | bVImaj7 | iv9 | V7#9", "iv9 | i9 | ii7b5 V7b9 | i9"),
        "minor B": ("bVImaj9 | bVII9 | i9 | i9", "iv9 | bVII9 | bIIImaj9 | bVImaj7"),
    },
    parts=(
        Part("drums", "drums", "lofi_kit", drum_part(DRUMS, "soft", crash=False), -20.5, reverb=0.08, effects=("tape",),
             delay_ms=8.0, timing_jitter_ms=7.0),
        Part("bass", "bass", "upright_bass", bass.kick_locked(busy=0.35), -23.0, reverb=0.0, effects=("warmth",),
             delay_ms=6.0, min_energy=0.36),
        Part("keys", "harmony", "electric_piano", comping.stabs("X.....x...o.....", "X.........x...o.",
             "x..o......X.....", length=0.97, spread=0.02), -20.0, pan=-0.15, reverb=0.16, effects=("wobble",
             "suitcase"), delay_ms=10.0, timing_jitter_ms=9.0),
        Part("guitar", "harmony", "nylon_guitar", comping.arpeggio(0.5, order="wide", velocity=0.5), -26.0, pan=0.4,
             reverb=0.25, delay=0.15, effects=("mellow",), min_energy=0.6, timing_jitter_ms=10.0),
        Part("tune", "melody", "vibraphone", melody_part(74, density=0.85, strength=0.62), -23.0, pan=0.2, reverb=0.25,
             delay=0.2, effects=("wobble",), min_energy=0.45, delay_ms=12.0, timing_jitter_ms=10.0),
        Part("crackle", "texture", "vinyl", comping.drone(), -45.0, reverb=0.0),
        Part("pad", "texture", "warm_pad", comping.sustained(velocity=0.4), -24.0, reverb=0.3, effects=("mellow",),
             min_energy=0.3),
    ),
    key_changes=(5, 3),
    line_up={
        "bass": ("upright_bass", "electric_bass"), "keys": ("electric_piano", "electric_piano", "piano", "vibraphone"),
        "guitar": ("nylon_guitar", "electric_guitar", "-"),
        "tune": ("vibraphone", "flute", "sax", "kalimba", "trumpet"), "pad": ("warm_pad", "strings", "-"),
        "crackle": ("vinyl", "vinyl", "vinyl", "-"), "drums": ("lofi_kit", "lofi_kit", "boombap_kit"),
    },
    chromatic_chords=("tritone", "applied", "borrowed"),
    chromaticism=0.13,
    approaches=0.25,
    presence_db=2,
    form=Form(("intro", "A", 0.35), (("verse", "A", 0.5), ("chorus", "B", 0.68), ("break", "A", 0.38)),
              ("outro", "A", 0.38)),
    energy=0.45,
    swing=0.58,
    swing_grid=0.25,
    reverb=(1.1, 4500.0),
    bus_compression=0.7,
    treble_db=3.5,
    titles=("Rain on the Roof", "Late Bus", "Tea at Four"),
    cadence=("ii9 V13", "ii7b5 V7b9"),
    melody_feel="syncopated",
)  # fmt: skip
