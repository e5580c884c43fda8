"""Metal: palm-muted gallops left and right, double kick, phrygian flat seconds, lead guitars in thirds."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), CRASH: ("x...............", "................"), HAT: ("x...x...x...x...",)}),
    Groove({
        KICK: ("X.xxX.xxX.xxX.xx", "X.xxX.xxX...X.xx", "X..xX..xX..xX.xx"),
        SNARE: ("....X.......X...", "....X.......X..g"),
        HAT: ("X.x.X.x.X.x.X.x.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("x.xxx.xxx.xxx.xx", "xxxxxx..xxxxxx..", "x.xxx.xxx.xxx.xx", "xxxxxxxxxxxx...."),
        SNARE: ("....X.......X...", "....X.......X.xx", "....X..g....X..."),
        RIDE: ("X...X...X...X...",),
        CRASH: ("X...............", "................", "........x.......", "................"),
    }, min_energy=0.72),
)  # fmt: skip
GALLOP = ("X.xxX.xxX.xxX.xx", "X.xxx.xxX..xX.xx", "Xxx.Xxx.Xxx.X.x.")

STYLE = Style(
    key="metal",
    name="Metal",
    keywords=("metal", "heavy metal", "thrash metal", "death metal", "metalcore", "power metal", "djent", "doom metal"),
    moods=("energetic", "dark", "epic"),
    tempo_range=(118.0, 146.0, 178.0),
    modes=("phrygian", "minor", "minor"),
    progressions={
        "major A": ("I | I | bVII | IV", "I | bVI | bVII | I"),
        "major B": ("bVI | bVII | I | I",),
        "minor A": ("i5 | i5 | bII5 | i5", "i5 | i5 | bVI5 | bVII5", "i5 | bVII5 | bVI5 | bII5"),
        "minor B": ("bVI | bVII | i | bIII", "i | bVI | bIII | bVII", "iv | bVI | i | bVII"),
        "minor C": ("i5 | bII5 | i5 | bIII5", "bVI5 | i5 | bII5 | bVII5"),
    },
    parts=(
        Part("drums", "drums", "metal_kit", drum_part(DRUMS, "toms"), -21.5, reverb=0.12, timing_jitter_ms=3.5),
        Part("bass", "bass", "picked_bass", bass.pattern("x.xxx.xxx.xxx.xx", (0,), 33.0), -22.0, reverb=0.0,
             effects=("drive",), min_energy=0.36, timing_jitter_ms=3.5),
        Part("riff left", "harmony", "palm_mute", comping.power_chords(*GALLOP, centre=40.0, length=0.8), -21.0,
             pan=-0.85, reverb=0.05, effects=("metal",), min_energy=0.36, max_energy=0.82, timing_jitter_ms=4.5),
        Part("riff right", "harmony", "palm_mute", comping.power_chords(*GALLOP, centre=40.0, length=0.8), -21.0,
             pan=0.85, reverb=0.05, effects=("metal",), min_energy=0.42, max_energy=0.82, timing_jitter_ms=6.5),
        Part("wall left", "harmony", "driven_guitar", comping.power_chords("X.......", "X.....x.", centre=43.0), -21.5,
             pan=-0.6, reverb=0.1, effects=("metal",), min_energy=0.7),
        Part("wall right", "harmony", "driven_guitar", comping.power_chords("X.......", "X.....x.", centre=43.0), -21.5,
             pan=0.6, reverb=0.1, effects=("metal",), min_energy=0.7, timing_jitter_ms=8.0),
        Part("clean", "harmony", "electric_guitar", comping.arpeggio(0.5, order="updown", velocity=0.6), -20.5, pan=0.2,
             reverb=0.3, delay=0.2, effects=("chorus",), max_energy=0.46, timing_jitter_ms=8.0),
        Part("lead", "melody", "driven_guitar", melody_part(71, strength=0.8, density=0.95), -21.0, pan=0.08,
             reverb=0.22, delay=0.22, effects=("amp",), min_energy=0.62, timing_jitter_ms=8.0),
        Part("choir", "texture", "choir", comping.sustained(velocity=0.6), -27.0, reverb=0.4, min_energy=0.78),
    ),
    suspensions=0.0,
    line_up={
        "clean": ("electric_guitar", "steel_guitar", "piano"), "choir": ("choir", "strings", "-"),
        "lead": ("driven_guitar", "driven_guitar", "violin"), "bass": ("picked_bass", "electric_bass"),
    },
    chromatic_chords=("neapolitan", "mediant"),
    chromaticism=0.15,
    approaches=0.3,
    lift=0.1,
    presence_db=-1.5,
    repeated_tones=0.8,
    form=Form(("intro", "A", 0.4), (("riff", "A", 0.6), ("chorus", "B", 0.88), ("riff", "A", 0.64),
              ("breakdown", "C", 0.48), ("chorus", "B", 0.94)), ("outro", "A", 0.62)),
    energy=0.85,
    reverb=(1.4, 6500.0),
    bus_compression=0.3,
    treble_db=1.0,
    titles=("Iron Season", "Ashfall", "The Seventh Gate"),
    reharmonisation=0.0,
    cadence=("bVI bVII", "bVI bVII"),
)  # fmt: skip
