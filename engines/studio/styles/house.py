"""Deep house: four on the floor, off-beat hats, minor ninths in stabs, a round bass around the kick."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, CONGA, HAT, KICK, OPEN_HAT, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

FLOOR = ("X...X...X...X...", "X...X...X...X..?")
DRUMS = (
    Groove({SHAKER: ("o.x.o.x.o.x.o.xo",), CONGA: ("...o..?...o..?o.",)}),
    Groove({KICK: FLOOR, HAT: ("..x...x...x...x.",), SHAKER: ("o.x.o.x.o.x.o.x.",)}, min_energy=0.4),
    Groove({
        KICK: FLOOR,
        CLAP: ("....X.......X...", "....X.......X..g"),
        OPEN_HAT: ("..x...x...x...x.",),
        HAT: ("xo.gxo.gxo.gxo.g", "xo.gxo.oxo.gxogo"),
        SHAKER: ("o.g.o.g.o.g.o.g.",),
        CONGA: ("...o..o....?..o.", "......o..o.....?"),
    }, min_energy=0.58),
)  # fmt: skip

STYLE = Style(
    key="house",
    name="Deep house",
    keywords=("deep house", "house", "house music", "tech house", "lounge house", "disco house"),
    moods=("energetic", "warm", "happy"),
    tempo_range=(118.0, 122.0, 126.0),
    modes=("minor", "minor", "dorian"),
    progressions={
        "major A": ("Imaj9 | vi9 | IVmaj9 | IVmaj9", "ii9 | ii9 | Imaj9 | vi9"),
        "major B": ("IVmaj9 | V9sus4 | iii7 | vi9",),
        "minor A": ("i9 | i9 | iv9 | iv9", "i9 | bVImaj7 | iv9 | v7", "i9 | bVII9 | bVImaj9 | bVImaj9"),
        "minor B": ("bVImaj9 | bVII9 | i9 | v7", "iv9 | v7 | bVImaj7 | bVII9sus4"),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "clap"), -23.5, reverb=0.07, timing_jitter_ms=2.5),
        Part("bass", "bass", "house_bass", bass.pattern("..x...x...xo..x.", (0, 0, 0, 7, 0, 12)), -23.0, reverb=0.0,
             effects=("duck",), min_energy=0.5, timing_jitter_ms=3.0),
        Part("stabs", "harmony", "stab", comping.stabs("..x..x....x..x..", "x..x..x.....x.x.", "..x...x..x....x.",
             length=0.5), -21.0, pan=0.15, reverb=0.22, delay=0.22, effects=("pump",), min_energy=0.5,
             timing_jitter_ms=4.0),
        Part("keys", "harmony", "electric_piano", comping.sustained(velocity=0.6, spread=0.03), -21.5, pan=-0.2,
             reverb=0.25, effects=("chorus", "duck"), max_energy=0.8),
        Part("pad", "texture", "warm_pad", comping.sustained(shift=12, velocity=0.5), -26.5, reverb=0.35,
             effects=("pump",)),
        Part("tune", "melody", "pluck", melody_part(76, density=0.8, strength=0.7), -22.0, pan=-0.1, reverb=0.25,
             delay=0.3, min_energy=0.64, timing_jitter_ms=4.0),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -33.0, reverb=0.2),
    ),
    suspensions=0.1,
    line_up={
        "keys": ("electric_piano", "organ", "piano"), "stabs": ("stab", "organ"),
        "tune": ("pluck", "sax", "flute", "vibraphone"), "pad": ("warm_pad", "glass_pad", "strings"),
        "bass": ("house_bass", "house_bass", "synth_bass"),
    },
    chromatic_chords=("tritone", "borrowed"),
    chromaticism=0.1,
    approaches=0.2,
    form=Form(("intro", "A", 0.52), (("groove", "A", 0.62), ("chorus", "B", 0.8), ("breakdown", "A", 0.35),
              ("drop", "B", 0.86)), ("outro", "A", 0.52)),
    energy=0.6,
    swing=0.54,
    swing_grid=0.25,
    reverb=(1.5, 7000.0),
    bus_compression=0.6,
    treble_db=4.0,
    titles=("Night Ferry", "Soft Concrete"),
    reharmonisation=0.15,
    cadence=("V9sus4", "v7"),
    melody_feel="syncopated",
)  # fmt: skip
