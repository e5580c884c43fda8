"""UK garage: a two-step beat that skips kicks, heavily swung hats, organ stabs, a warm jumping sub bass."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("..x..xx...x..xx.",), RIM: ("...o..o......o..",)}),
    Groove({
        KICK: ("X.........x.....", "X.........x..x.."),
        SNARE: ("....X.......X...",),
        HAT: ("..x.x.xx..x.x.x.", "..x.x.x...x.xxx."),
        RIM: ("...o...o.o.....o", ".......o.o.o...."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X......x..x.....", "X.........x..x..", "X..x......x....."),
        SNARE: ("....X.......X...", "....X..g....X..g"),
        CLAP: ("....X.......X...",),
        HAT: ("..xox.xx..xox.xo", "..x.x.xxo.x.xxx."),
        OPEN_HAT: ("......x.........", "..x...........x."),
        RIM: ("...o.....o.o...o", ".o.....o.o......"),
        SHAKER: ("ogogogogogogogog",),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="uk_garage",
    name="UK garage",
    keywords=("uk garage", "ukg", "2-step", "2 step", "2-step garage", "2 step garage", "two step garage"),
    moods=("energetic", "warm", "dark"),
    tempo_range=(128.0, 132.0, 136.0),
    modes=("minor", "dorian", "minor"),
    progressions={
        "major A": ("Imaj9 | iii7 | vi9 | IVmaj9", "ii9 | V13 | Imaj9 | vi9", "IVmaj9 | IVmaj9 | iii7 | vi9"),
        "major B": ("IVmaj9 | V13 | iii7 | vi9",),
        "minor A": ("i9 | i9 | bVImaj7 | v7", "i9 | iv9 | bVII13 | bIIImaj9", "iv9 | i9 | bVImaj9 | V7#9"),
        "minor B": ("bVImaj9 | v7 | i9 | bIIImaj7", "iv9 | v7 | i9 | i9", "bIImaj9 | i9 | bIImaj9 | V7#9"),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "clap", crash=False), -21.5, reverb=0.08,
             timing_jitter_ms=3.0),
        Part("bass", "bass", "sub_bass", bass.pattern("X..x......x..x.x X.....x.x....xx.", (0, 0, 12, 7, 0, 10), 36.0,
             length=0.7), -22.0, reverb=0.0, effects=("drive",), min_energy=0.42, timing_jitter_ms=2.5),
        Part("organ stabs", "harmony", "organ", comping.stabs("..x..x....x..x..", "x..x......x.x...",
             "..x..x.x......x.", length=0.4), -21.5, pan=0.15, reverb=0.18, delay=0.18, effects=("bright",),
             min_energy=0.44, timing_jitter_ms=4.0),
        Part("electric piano", "harmony", "electric_piano", comping.sustained(velocity=0.55, spread=0.03), -22.5,
             pan=-0.3, reverb=0.25, effects=("chorus", "duck")),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.5), -27.0, pan=0.3, reverb=0.35,
             min_energy=0.6),
        Part("chops", "melody", "soft_lead", melody_part(77, strength=0.72, legato=0.55), -21.5, pan=-0.08, reverb=0.25,
             delay=0.35, effects=("bright",), min_energy=0.5, timing_jitter_ms=4.0),
        Part("skips", "texture", "pluck", comping.arpeggio(0.25, order="broken", shift=12, velocity=0.5), -28.0,
             pan=0.5, reverb=0.2, delay=0.2, min_energy=0.7, timing_jitter_ms=3.0),
        Part("riser", "texture", "riser", comping.riser(beats=4.0), -34.0, reverb=0.2),
    ),
    line_up={
        "organ stabs": ("organ", "stab"), "electric piano": ("electric_piano", "piano"),
        "strings": ("strings", "warm_pad", "-"), "chops": ("soft_lead", "sax", "flute"),
        "skips": ("pluck", "bells", "-"),
    },
    chromatic_chords=("tritone", "borrowed"),
    chromaticism=0.15,
    approaches=0.2,
    presence_db=4,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.56), ("drop", "B", 0.82), ("breakdown", "A", 0.36),
              ("drop", "B", 0.86)), ("outro", "A", 0.5)),
    energy=0.64,
    swing=0.61,
    swing_grid=0.25,
    reverb=(1.3, 7000.0),
    treble_db=2.0,
    titles=("Night Bus Shuffle", "Champagne in Croydon", "Rewind Selector"),
    reharmonisation=0.12,
    cadence=("ii9 V13", "iv9 V7#9"),
    melody_feel="syncopated",
)  # fmt: skip
