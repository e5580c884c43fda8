"""East Asian: pentatonic koto and bamboo flute over open fifths, a bowed fiddle, wood block and distant taiko.

The scales are hirajoshi and in (Japan) and the major pentatonic (China, Korea), in equal temperament.
"""

from engines.studio.composing import bass, comping, figures
from engines.studio.composing.drums import HIGH_TOM, KICK, LOW_TOM, RIDE, RIM, SNARE, WOOD_BLOCK, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import ornamented
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({WOOD_BLOCK: ("x...............", "........x...x...")}, min_energy=0.28),
    Groove({
        KICK: ("X...............", "x.......x......."),
        WOOD_BLOCK: ("........o...o...", "....o.......x.xo"),
        RIDE: ("x...............", "................"),
        RIM: ("......o.........",),
    }, min_energy=0.44),
    Groove({
        KICK: ("X.......X..x....", "X.......X..x..x."),
        SNARE: ("....x..x....x...", "....x..x....xxx."),
        HIGH_TOM: ("..o...o...o...oo",),
        LOW_TOM: ("........x.......",),
        RIM: ("x.o.x.o.x.o.x.oo",),
        WOOD_BLOCK: ("....x.......x...",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="east_asian",
    name="East Asian",
    keywords=("east asian", "east asian music", "traditional japanese", "traditional chinese", "japanese traditional",
              "chinese traditional"),
    moods=("calm", "dreamy", "warm", "epic"),
    tempo_range=(62.0, 78.0, 100.0),
    modes=("hirajoshi", "major pentatonic", "in", "major pentatonic"),
    progressions={
        "major A": ("I5 | vi7 | V5 | I5", "Isus2 | V5 | vi7 | II5", "I69 | I69 | vi7 | V5"),
        "major B": ("vi7 | V5 | II5 | Isus2", "II5 | vi7 | V5 | V5"),
        "minor A": ("i5 | bVI | i5 | V5", "i5 | i5 | bVI | i5", "bVI | i5 | V5 | i5"),
        "minor B": ("bVI | bVI | i5 | i5", "V5 | bVI | i5 | i5"),
    },
    parts=(
        Part("percussion", "drums", "taiko", drum_part(DRUMS, "none", crash=False), -22.5, reverb=0.34,
             timing_jitter_ms=9.0),
        Part("bass", "bass", "cello", bass.sustained(41.0, 0.55), -24.0, reverb=0.2, effects=("cello",),
             min_energy=0.36, timing_jitter_ms=12.0),
        Part("koto", "harmony", "koto", comping.arpeggio(0.5, order="wide", velocity=0.68, length=2.0), -20.5, pan=-0.3,
             reverb=0.26, timing_jitter_ms=11.0),
        Part("zither", "harmony", "koto", figures.repeated(comping.stabs("X.......x.......", "....x.......x...",
             length=0.9, shift=12, top_notes=2), 0.25, min_beats=1.0), -24.5, pan=0.4, reverb=0.3, min_energy=0.52,
             timing_jitter_ms=10.0),
        Part("bamboo flute", "melody", "flute", ornamented(melody_part(74, strength=0.66, legato=1.0), graces=0.45),
             -20.5, pan=0.12, reverb=0.38, effects=("air",), timing_jitter_ms=13.0),
        Part("fiddle", "melody", "violin", ornamented(melody_part(72, strength=0.66, legato=1.02, density=0.9),
             graces=0.35), -22.0, pan=-0.1, reverb=0.34, effects=("presence",), min_energy=0.58, timing_jitter_ms=13.0),
        Part("bells", "texture", "bells", comping.stabs("x...............", "................", velocity=0.5, shift=12,
             top_notes=1), -27.0, pan=0.3, reverb=0.45, timing_jitter_ms=12.0),
        Part("wind", "texture", "air", comping.drone(64), -33.0, reverb=0.3, max_energy=0.5),
    ),
    suspensions=0.0,
    line_up={
        "zither": ("koto", "-"), "bamboo flute": ("flute", "flute", "humming"), "fiddle": ("violin", "oud"),
        "bells": ("bells", "glockenspiel", "-"), "koto": ("koto", "koto", "harp"), "wind": ("air", "-"),
    },
    presence_db=3.5,
    repeated_tones=0.5,
    form=Form(("intro", "A", 0.3), (("theme", "A", 0.46), ("second theme", "B", 0.6), ("theme", "A", 0.5),
              ("climax", "B", 0.74)), ("outro", "A", 0.3)),
    energy=0.42,
    reverb=(2.6, 6000.0),
    bus_compression=0.25,
    treble_db=4.0,
    titles=("Crane Over Still Water", "Persimmon Court", "The Ninth Bridge"),
    ritardando=0.1,
    reharmonisation=0.0,
    cadence=("V5", "bVI"),
    melody_feel="calm",
)  # fmt: skip
