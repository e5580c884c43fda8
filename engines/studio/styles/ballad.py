"""Ballad: a voice-like melody over piano and picked guitar, a falling bass line, strings that rise in the chorus."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIDE, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({
        KICK: ("X.........x.....", "X.......x......."),
        RIM: ("....x.......x...",),
        HAT: ("o.g.o.g.o.g.o.g.",),
        SHAKER: ("g.o.g.o.g.o.g.o.",),
    }, min_energy=0.46),
    Groove({
        KICK: ("X......xX.......", "X......xX.....x."),
        SNARE: ("....X.......X...",),
        RIDE: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="ballad",
    name="Ballad",
    keywords=("ballad", "love ballad", "pop ballad", "slow ballad", "acoustic ballad", "singer-songwriter",
              "singer songwriter", "love song", "ballade"),
    moods=("sad", "warm", "dreamy", "calm"),
    tempo_range=(58.0, 68.0, 80.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I V^3 | vi7 V | IV I^3 | ii7 V7sus4", "Iadd9 | iii7 | IVmaj7 | IV V", "I | V^3 | vi7 | IV iv6"),
        "major B": ("IV V | I^3 IV | ii7 V | I", "vi7 | IVadd9 | I^5 | V7sus4 V", "IV | V^3 | V7/vi vi7 | ii7 V"),
        "major C": ("bVII IV | I | bVI bVII | V7sus4",),
        "minor A": ("i v^3 | bVImaj7 bIII | iv7 i^3 | ii7b5 V7", "i | bVI | bIII | bVII^3",
                    "i | iv7 | bVII | bIIImaj7"),
        "minor B": ("bVI bVII | bIII | iv7 bVII | V7", "bIII | bVII^3 | iv7 | bVI V7"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -23.5, reverb=0.22,
             timing_jitter_ms=8.0),
        Part("bass", "bass", "electric_bass", bass.sustained(velocity=0.7), -22.5, reverb=0.04, min_energy=0.42,
             effects=("mellow",), timing_jitter_ms=8.0),
        Part("piano", "harmony", "piano", comping.left_hand(0.52), -20.5, pan=-0.12, reverb=0.28,
             timing_jitter_ms=9.0),
        Part("guitar", "harmony", "steel_guitar", comping.arpeggio(0.5, order="wide", velocity=0.5, length=2.2), -24.0,
             pan=0.45, reverb=0.22, effects=("air",), min_energy=0.4, timing_jitter_ms=9.0),
        Part("strings", "texture", "strings", comping.sustained(velocity=0.55, overlap=0.3), -25.5, pan=-0.25,
             reverb=0.4, min_energy=0.42, timing_jitter_ms=12.0),
        Part("voice", "melody", "voice", melody_part(67, strength=0.72, legato=1.04), -19.5, pan=0.03, reverb=0.26,
             delay=0.08, effects=("soloist",), min_energy=0.36, delay_ms=8.0, timing_jitter_ms=11.0),
        Part("cello", "melody", "cello", melody_part(57, strength=0.6, density=0.6), -24.5, pan=0.25, reverb=0.3,
             effects=("cello",), min_energy=0.64, timing_jitter_ms=12.0),
    ),
    key_changes=(3, 5, 2),
    line_up={
        "piano": ("piano", "piano", "electric_piano"), "guitar": ("steel_guitar", "nylon_guitar", "-"),
        "strings": ("strings", "warm_pad"), "voice": ("voice", "voice", "sax", "violin"), "cello": ("cello", "-"),
    },
    chromatic_chords=("applied", "borrowed", "diminished"),
    chromaticism=0.2,
    lift=0.4,
    form=Form(("intro", "A", 0.32), (("verse", "A", 0.42), ("chorus", "B", 0.66), ("verse", "A", 0.48),
              ("bridge", "C", 0.56), ("chorus", "B", 0.76)), ("outro", "A", 0.34)),
    energy=0.42,
    reverb=(2.3, 6000.0),
    bus_compression=0.7,
    treble_db=3.5,
    titles=("Stay Until Morning", "The Last Slow Dance", "What I Never Wrote"),
    ritardando=0.12,
    reharmonisation=0.02,
    cadence=("IV V", "iv7 V7"),
)  # fmt: skip
