"""Pop: a syncopated piano over a dry modern kit, synth plucks, a round bass, and a chorus that opens wide."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), SHAKER: ("o.g.o.g.o.g.o.g.",)}, min_energy=0.4),
    Groove({
        KICK: ("X......xX.x.....", "X.....x.X.x....."),
        SNARE: ("....X.......X...",),
        HAT: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.48),
    Groove({
        KICK: ("X..x..x.X.x.....", "X..x..x.X.x...?."),
        SNARE: ("....X.......X...",),
        CLAP: ("....X.......X...",),
        HAT: ("x.o.x.o.x.o.x.o.",),
        OPEN_HAT: ("................", "..............x."),
        SHAKER: ("ogogogogogogogog",),
    }, min_energy=0.68),
)  # fmt: skip

STYLE = Style(
    key="pop",
    name="Pop",
    keywords=("pop", "pop music", "pop song", "modern pop", "radio pop", "popmusik"),
    moods=("happy", "energetic", "warm"),
    tempo_range=(98.0, 112.0, 126.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I | V | vi7 | IVadd9", "vi7 | IVadd9 | Iadd9 | V", "Iadd9 | vi7 | IVmaj7 | V7sus4"),
        "major B": ("IVadd9 | V | vi7 | I^3", "IVadd9 | I | V | vi7", "I | IVadd9 | vi7 | V"),
        "major C": ("ii7 | IVadd9 | vi7 | V7sus4", "IVmaj7 | I^3 | ii7 | V"),
        "minor A": ("i7 | bVI | bIII | bVII", "bVImaj7 | bVII | i7 | bIII^3", "i7 | iv7 | bVImaj7 | bVII"),
        "minor B": ("bVImaj7 | bIII | bVII | i7", "bIII | bVII | iv7 | bVImaj7"),
        "minor C": ("iv7 | bVImaj7 | i7 | bVII",),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare"), -21.0, reverb=0.1, timing_jitter_ms=3.5),
        Part("bass", "bass", "synth_bass", bass.kick_locked(busy=0.5), -21.5, reverb=0.0, effects=("mellow",),
             min_energy=0.45, timing_jitter_ms=3.0),
        Part("piano", "harmony", "piano", comping.stabs("X..x..x.X..x..x.", "X..x..x...x...x.", length=0.9), -21.0,
             pan=-0.2, reverb=0.16, effects=("bright",), timing_jitter_ms=5.0),
        Part("plucks", "harmony", "pluck", comping.arpeggio(0.5, order="broken", shift=12, velocity=0.55), -25.5,
             pan=0.4, reverb=0.2, delay=0.22, min_energy=0.58, timing_jitter_ms=3.5),
        Part("strumming", "harmony", "steel_guitar", comping.stabs("X.xo.xox", "X..xo.xo", length=0.9, spread=0.02,
             top_notes=4), -26.5, pan=-0.5, reverb=0.12, effects=("air",), min_energy=0.64),
        Part("pad", "texture", "warm_pad", comping.sustained(velocity=0.5), -27.0, reverb=0.35, effects=("duck",),
             min_energy=0.56),
        Part("voices", "texture", "humming", comping.sustained(shift=12, velocity=0.5), -28.0, pan=0.25, reverb=0.35,
             min_energy=0.76),
        Part("tune", "melody", "soft_lead", melody_part(73, strength=0.72), -20.5, pan=0.04, reverb=0.22, delay=0.15,
             effects=("presence",), min_energy=0.46, timing_jitter_ms=6.0),
        Part("riser", "texture", "riser", comping.riser(beats=4.0), -34.0, reverb=0.2, only_sections=("pre-chorus",)),
    ),
    key_changes=(5, 3),
    line_up={
        "bass": ("synth_bass", "electric_bass"), "piano": ("piano", "electric_piano"),
        "plucks": ("pluck", "muted_guitar", "-"), "strumming": ("steel_guitar", "-"),
        "pad": ("warm_pad", "strings", "glass_pad"), "voices": ("humming", "-"),
        "tune": ("soft_lead", "soft_lead", "electric_guitar"),
    },
    chromatic_chords=("borrowed", "applied"),
    chromaticism=0.23,
    lift=0.35,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.52), ("pre-chorus", "C", 0.62), ("chorus", "B", 0.84),
              ("verse", "A", 0.56), ("pre-chorus", "C", 0.64), ("chorus", "B", 0.9), ("bridge", "C", 0.44)),
              ("outro", "A", 0.46)),
    energy=0.6,
    reverb=(1.5, 7500.0),
    presence_db=5.0,
    titles=("Say It Twice", "Paper Planes Home", "Window Seat"),
    reharmonisation=0.05,
    cadence=("IV V", "bVI bVII"),
    melody_feel="syncopated",
)  # fmt: skip
