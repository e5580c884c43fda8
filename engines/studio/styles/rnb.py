"""R&B: slow 808 drums with snaps and rolled hats, ninth chords on an electric piano, a gliding sub bass."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("....x.......x...",), SHAKER: ("o.g.o.g.o.g.o.g.",)}),
    Groove({
        KICK: ("X..x......x.....", "X......x..x..x..", "X..x...x........"),
        RIM: ("....X.......X...",),
        HAT: ("x...x...x...x...x...x...x.x.xxxx", "x...x.x.x...x...x...xxx.x...x.x.", "x.x.x.x.x.xxx.x.x.x.x.x."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..x......x..x..", "X.....xx..x.....", "X..x...x..x...x."),
        RIM: ("....x.......x...",),
        CLAP: ("....X.......X...",),
        HAT: ("x.x.x.x.x.x.xxxxx.x.x.x.x.xxx.x.", "x.x.x.x.x.x.x.x.xxxxx.x.x.x.x.x."),
        OPEN_HAT: ("................", "..........x....."),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="rnb",
    name="R&B",
    keywords=("r&b", "rnb", "r and b", "r n b", "contemporary r&b", "modern r&b", "90s r&b", "r'n'b"),
    moods=("warm", "dreamy", "sad"),
    tempo_range=(60.0, 68.0, 84.0),
    modes=("minor", "major", "dorian"),
    progressions={
        "major A": ("IVmaj9 | iii7 | vi9 | v9 V13/IV", "Imaj9 | vi9 | ii9 | V9sus4", "ii9 | iii7 | IVmaj9 | iii7"),
        "major B": ("vi9 | V9sus4 | IVmaj9 | iii7", "IVmaj9 | iv9 | iii7 | V7#9/ii"),
        "minor A": ("i9 | bVImaj9 | iv9 | v7", "bVImaj9 | v7 | i9 | i9", "iv9 | i9 | bVImaj9 | V7#9"),
        "minor B": ("bVImaj9 | bVII13 | i9 | bIIImaj9", "iv9 | v7 | bVImaj9 | bIImaj9"),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "soft", crash=False), -20.5, reverb=0.12,
             effects=("bright",), timing_jitter_ms=4.0),
        Part("bass", "bass", "sub_bass", bass.kick_locked(34.0, busy=0.3, velocity=0.8), -25.0, reverb=0.0,
             effects=("drive",), min_energy=0.4, delay_ms=6.0, timing_jitter_ms=3.0),
        Part("keys", "harmony", "electric_piano", comping.stabs("X.........x.....", "X......x........", length=0.98,
             spread=0.04), -20.0, pan=-0.15, reverb=0.22, effects=("suitcase", "bright"), delay_ms=8.0),
        Part("guitar", "harmony", "nylon_guitar", comping.arpeggio(0.5, order="broken", shift=12, velocity=0.5), -25.0,
             pan=0.5, reverb=0.25, delay=0.2, min_energy=0.5, timing_jitter_ms=9.0),
        Part("pad", "texture", "warm_pad", comping.sustained(shift=12, velocity=0.5), -27.5, reverb=0.4,
             effects=("wobble",)),
        Part("voices", "texture", "humming", comping.sustained(velocity=0.5), -26.5, pan=-0.4, reverb=0.4,
             min_energy=0.66, timing_jitter_ms=12.0),
        Part("tune", "melody", "soft_lead", melody_part(74, strength=0.66, density=0.85), -22.0, pan=0.05, reverb=0.28,
             delay=0.3, effects=("presence",), min_energy=0.44, delay_ms=10.0, timing_jitter_ms=10.0),
        Part("bells", "melody", "bells", melody_part(81, strength=0.5, density=0.45), -28.0, pan=0.35, reverb=0.4,
             delay=0.3, effects=("mellow",), min_energy=0.64),
    ),
    key_changes=(1, 5),
    line_up={
        "keys": ("electric_piano", "electric_piano", "piano"), "guitar": ("nylon_guitar", "electric_guitar", "-"),
        "pad": ("warm_pad", "strings"), "voices": ("humming", "-"), "tune": ("soft_lead", "sax", "flute"),
        "bells": ("bells", "kalimba", "-"),
    },
    chromatic_chords=("tritone", "borrowed", "applied"),
    chromaticism=0.15,
    approaches=0.3,
    lift=0.2,
    presence_db=3.5,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.52), ("hook", "B", 0.72), ("verse", "A", 0.56),
              ("bridge", "B", 0.44), ("hook", "B", 0.76)), ("outro", "A", 0.44)),
    energy=0.46,
    swing=0.55,
    swing_grid=0.25,
    reverb=(1.8, 6500.0),
    treble_db=7.0,
    titles=("Read Receipt", "Silk and Static", "Two A.M. Text"),
    reharmonisation=0.2,
    cadence=("ii9 V9sus4", "bVImaj9 V7#9"),
    melody_feel="syncopated",
)  # fmt: skip
