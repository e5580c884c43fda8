"""Reggaeton: the dembow (kick on every beat, snare on the 3-3-2 off-beats), a sub bass, plucked minor-key riffs."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DEMBOW = ("...x..x....x..x.", "...x..x....x..x.", "...x..x....x..x.", "...x..x....x..xo")
DRUMS = (
    Groove({HAT: ("o.o.o.o.o.o.o.o.",), RIM: DEMBOW}),
    Groove({KICK: ("X...x...X...x...",), SNARE: DEMBOW, SHAKER: ("x.g.x.g.x.g.x.g.",)}, min_energy=0.4),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X..x"),
        SNARE: ("...X..X....X..X.", "...X..X....X..Xo"),
        CLAP: ("......x.......x.",),
        HAT: ("x.o.x.o.x.o.x.oo",),
        OPEN_HAT: ("..............x.", "................"),
        SHAKER: ("xgogxgogxgogxgog",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="reggaeton",
    name="Reggaeton",
    keywords=("reggaeton", "reggaetón", "reggeaton", "regueton", "reguetón", "dembow"),
    moods=("energetic", "dark", "happy"),
    tempo_range=(86.0, 93.0, 100.0),
    modes=("minor", "minor", "harmonic minor"),
    progressions={
        "major A": ("I | V | vi7 | IVmaj7", "vi7 | IVadd9 | I | V", "IVmaj7 | V | iii7 | vi7"),
        "major B": ("IVmaj7 | V | vi7 | vi7", "ii7 | V | Iadd9 | vi7"),
        "minor A": ("i | bVImaj7 | bIII | bVII", "iadd9 | iv7 | bVImaj7 | V7", "bVImaj7 | bVII | i | v7"),
        "minor B": ("iv7 | bVII | bIIImaj7 | bVImaj7", "bVImaj7 | bVII | i | i", "iv7 | i | bVImaj7 | V7"),
        "minor C": ("bVImaj7 | v7 | iv7 | iv7",),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "clap", crash=False), -20.5, reverb=0.08,
             timing_jitter_ms=3.5),
        Part("bass", "bass", "sub_bass", bass.pattern("X..x..x.X..x..x.", (0, 0, 0, 0, 0, 7), 36.0, 0.85, length=0.8),
             -22.0, reverb=0.0, effects=("warmth",), min_energy=0.4, timing_jitter_ms=3.0),
        Part("plucks", "harmony", "pluck", comping.stabs("x..x..x...x.x...", "x..x..x.x..x..x.", "..x..x..x..x..x.",
             length=0.8), -21.0, pan=-0.28, reverb=0.2, delay=0.2, effects=("bright",), timing_jitter_ms=4.0),
        Part("guitar", "harmony", "nylon_guitar", comping.arpeggio(0.5, order="broken", velocity=0.6), -23.0, pan=0.36,
             reverb=0.22, max_energy=0.8, timing_jitter_ms=7.0),
        Part("pad", "texture", "warm_pad", comping.sustained(velocity=0.5), -26.0, reverb=0.3, effects=("duck",)),
        Part("tune", "melody", "soft_lead", melody_part(74, strength=0.7, density=0.9), -20.5, pan=0.1, reverb=0.22,
             delay=0.2, min_energy=0.44, timing_jitter_ms=6.0),
        Part("hook", "melody", "supersaw", melody_part(69, strength=0.72, legato=0.6), -24.0, pan=-0.1, reverb=0.2,
             effects=("duck",), min_energy=0.72, timing_jitter_ms=4.0),
        Part("riser", "texture", "riser", comping.riser(beats=4.0), -33.0, reverb=0.25, min_energy=0.4),
    ),
    line_up={
        "plucks": ("pluck", "bells", "marimba"), "guitar": ("nylon_guitar", "-"), "pad": ("warm_pad", "glass_pad"),
        "tune": ("soft_lead", "lead", "flute"), "hook": ("supersaw", "stab"), "riser": ("riser", "-"),
    },
    chromatic_chords=("borrowed", "applied"),
    chromaticism=0.2,
    presence_db=6.0,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.56), ("chorus", "B", 0.78), ("verse", "A", 0.6),
              ("bridge", "C", 0.42)), ("outro", "A", 0.44)),
    energy=0.62,
    reverb=(1.3, 6500.0),
    bus_compression=0.6,
    treble_db=3.0,
    titles=("Calle Nueve", "Hasta las Cuatro", "Neon Malecón"),
    reharmonisation=0.05,
    cadence=("V", "bVII V7"),
    melody_feel="syncopated",
)  # fmt: skip
