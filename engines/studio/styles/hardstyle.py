"""Hardstyle: a distorted kick on each beat with a reverse bass after it, a saw anthem, and a string breakdown."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

FLOOR = ("X...X...X...X...",)
DRUMS = (
    Groove({HAT: ("..o...o...o...o.",)}),
    Groove({KICK: FLOOR, CLAP: ("....x.......x...",), HAT: ("..x...x...x...x.",)}, min_energy=0.44),
    Groove({
        KICK: FLOOR,
        CLAP: ("....X.......X...",),
        OPEN_HAT: ("..x...x...x...x.",),
        SNARE: ("................", "................", "................", "..........x.x.xx"),
    }, min_energy=0.6),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X...", "X...X...X...X...", "X...X...X..XX.XX"),
        CLAP: ("....X.......X...",),
        OPEN_HAT: ("..X...X...X...X.",),
        RIDE: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.8),
)  # fmt: skip

STYLE = Style(
    key="hardstyle",
    name="Hardstyle",
    keywords=("hardstyle", "hard style", "euphoric hardstyle", "reverse bass", "hardcore rave"),
    moods=("energetic", "epic", "dark"),
    tempo_range=(148.0, 150.0, 158.0),
    modes=("minor", "minor", "phrygian"),
    progressions={
        "major A": ("I | V | vi | IV", "vi7 | IV | I | V", "IV | V | vi | iii"),
        "major B": ("IV | V | vi | vi",),
        "minor A": ("i | bVI | bIII | bVII", "i | iv7 | bVImaj7 | V", "bVI | bVII | i | v"),
        "minor B": ("bVI | bIII | bVII | i", "i | bVII | bVI | V7", "iv | bVI | bVII | i"),
        "minor C": ("bVImaj7 | iv7 | i | V7sus4",),
    },
    parts=(
        Part("drums", "drums", "hard_kit", drum_part(DRUMS, "roll"), -19.5, reverb=0.06, effects=("drive",),
             timing_jitter_ms=2.5),
        Part("reverse bass", "bass", "reese_bass", bass.pattern("..X...X...X...X.", (0,), 36.0, length=0.5), -20.5,
             reverb=0.0, effects=("gate", "drive", "drive"), min_energy=0.44, timing_jitter_ms=1.5),
        Part("chords", "harmony", "supersaw", comping.stabs("X.x.X.x.X.x.X.x.", "X.x.X.xxX.x.X.x.", length=0.8), -24.0,
             reverb=0.28, effects=("pump",), min_energy=0.56, timing_jitter_ms=2.5),
        Part("piano", "harmony", "piano", comping.arpeggio(0.5, order="updown", velocity=0.6, length=1.4), -21.5,
             pan=-0.15, reverb=0.35, effects=("bright",), max_energy=0.56),
        Part("strings", "harmony", "strings", comping.sustained(velocity=0.55), -24.0, pan=0.15, reverb=0.4,
             max_energy=0.6),
        Part("anthem", "melody", "supersaw", melody_part(77, strength=0.82, legato=0.85), -19.0, reverb=0.3, delay=0.25,
             effects=("ensemble",), min_energy=0.3, timing_jitter_ms=3.0),
        Part("screech", "melody", "acid_bass", bass.pattern("x.xx.x..x.xx.xx. x.xx.x..x.x.x.x.", (0, 12, 0, 3, 12, 7),
             centre=62.0), -25.5, pan=0.2, reverb=0.15, delay=0.1, effects=("drive", "presence"), min_energy=0.8),
        Part("choir", "texture", "choir", comping.sustained(velocity=0.5), -27.0, reverb=0.5, max_energy=0.56),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -30.0, reverb=0.25, max_energy=0.8),
        Part("impact", "texture", "impact", comping.impact(), -28.0, reverb=0.4, min_energy=0.8),
    ),
    suspensions=0.1,
    line_up={
        "piano": ("piano", "pluck"), "strings": ("strings", "warm_pad"), "anthem": ("supersaw", "lead"),
        "choir": ("choir", "-"), "screech": ("acid_bass", "lead"),
    },
    chromatic_chords=("borrowed", "neapolitan"),
    chromaticism=0.18,
    lift=0.2,
    presence_db=0,
    form=Form(("intro", "A", 0.56), (("breakdown", "A", 0.34), ("build", "C", 0.58), ("climax", "B", 0.86),
              ("break", "A", 0.4), ("climax", "B", 0.9)), ("outro", "A", 0.6)),
    energy=0.82,
    reverb=(2.2, 8000.0),
    bus_compression=0.4,
    treble_db=-1.0,
    titles=("Gates of Adrenaline", "Overclock", "Raise the Hangar"),
    reharmonisation=0.0,
    cadence=("IV V", "bVI bVII"),
)  # fmt: skip
