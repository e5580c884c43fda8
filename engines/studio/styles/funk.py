"""Funk: accents on the one, slap bass in sixteenth notes, scratch guitar, clavinet, short brass."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......x.x.....",), SNARE: ("....x..g.g..x...",), HAT: ("x.x.x.x.x.x.x.x.",)}),
    Groove({
        KICK: ("X.x....x..x.....", "X..x...x..x...?.", "X.x.......xx...."),
        SNARE: ("....X..g.g..X..g", "....X..g.g.gX...", "..g.X..g.g..X.g."),
        HAT: ("xoxoxoxoxoxoxoxo", "xoxoxo.oxoxoxo.o"),
        OPEN_HAT: ("................", "......x.........", "................", "..............x."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.x...x...x..x..", "X..x..x...xx...."),
        SNARE: ("....X..g.g..X..g", "..g.X..g.gg.X..g"),
        HAT: ("XoxoXoxoXoxoXoxo",),
        TAMBOURINE: ("..x...x...x...x.",),
    }, min_energy=0.7),
)  # fmt: skip

STYLE = Style(
    key="funk",
    name="Funk",
    keywords=("funk", "funk soul", "funk music"),
    moods=("happy", "energetic", "warm"),
    tempo_range=(94.0, 106.0, 118.0),
    modes=("dorian", "mixolydian", "dorian"),
    progressions={
        "major A": ("I9 | I9 | I9 | IV9", "I9 | I9 | IV9 | I9"),
        "major B": ("IV9 | IV9 | I9 | I9", "ii9 | V9sus4 | I9 | I9"),
        "minor A": ("i9 | IV9 | i9 | IV9", "i7 | i7 | i7 | bIII7 IV7", "i9 | i9 | IV13 | IV13"),
        "minor B": ("IV9 | IV9 | i9 | i9", "bVImaj7 | bVII9 | i9 | i9"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare"), -24.0, reverb=0.08, timing_jitter_ms=4.0),
        Part("bass", "bass", "slap_bass", bass.pattern("X..o..x...x..xo. X..o..x...x.xx..", (0, 12, 0, 10, 12, 0)),
             -22.0, reverb=0.0, effects=("warmth", "mellow"), min_energy=0.3, timing_jitter_ms=4.0),
        Part("scratch", "harmony", "muted_guitar", comping.stabs("o.xogo.x.oxogox.", "..xogoxo..xogo.x", length=0.5,
             top_notes=3), -24.5, pan=0.55, reverb=0.08, effects=("mellow",), min_energy=0.36, timing_jitter_ms=4.0),
        Part("clav", "harmony", "clavinet", comping.stabs("x..x..x...x..x..", "..x..x...x..x.x.", "x.....xx..x.....",
             length=0.8, top_notes=3), -22.5, pan=-0.5, reverb=0.1, effects=("scoop", "mellow"), min_energy=0.5,
             timing_jitter_ms=4.0),
        Part("organ", "harmony", "organ", comping.sustained(velocity=0.55), -25.0, pan=0.15, reverb=0.18,
             effects=("dark",)),
        Part("brass", "melody", "brass", melody_part(70, strength=0.8, density=0.75, legato=0.6), -20.5, pan=0.1,
             reverb=0.2, delay=0.06, effects=("mellow",), min_energy=0.62),
        Part("lead", "melody", "reed_keys", melody_part(74, strength=0.7, density=0.8), -21.5, pan=-0.15, reverb=0.2,
             delay=0.1, min_energy=0.42, max_energy=0.62, timing_jitter_ms=7.0),
    ),
    suspensions=0.1,
    line_up={
        "bass": ("slap_bass", "electric_bass"), "clav": ("clavinet", "electric_piano", "-"),
        "organ": ("organ", "electric_piano"), "brass": ("brass", "sax"), "lead": ("reed_keys", "sax"),
    },
    chromatic_chords=("tritone", "applied"),
    chromaticism=0.1,
    approaches=0.35,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.52), ("chorus", "B", 0.8), ("vamp", "A", 0.6),
              ("chorus", "B", 0.85), ("breakdown", "A", 0.4)), ("outro", "A", 0.58)),
    energy=0.65,
    swing=0.54,
    swing_grid=0.25,
    reverb=(1.0, 6500.0),
    treble_db=-1.0,
    titles=("Hot Pavement", "Loose Change"),
    reharmonisation=0.04,
    cadence=("V9sus4", "V7#9"),
    melody_feel="syncopated",
)  # fmt: skip
