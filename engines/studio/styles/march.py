"""March: a brass band in 2/4 with tuba and off-beat horns, dotted trumpet tunes, piccolo descant, rolling snare."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({SNARE: ("x.x.xoxox.x.x...", "x..xx.x.x.xxx.x.")}),
    Groove({
        KICK: ("X...x...X...x...", "X...x...X...x.o."),
        SNARE: ("..x.o.x...x.o.xo", "..x.oxx.o.x.oxxo", "..xo..x.o.x.xxo.", "..xxo.x...xxo.xo", "..x.oxxo..x.oxxo",
                "..x.o.xo..xo..xx"),
        HAT: ("....g.......g.gg",),
    }, min_energy=0.4),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X..o"),
        SNARE: ("x.x.o.xox.x.o.xo", "x.x.o.xox.xoxoxo", "x.xxo.x.o.xxo.xo", "x.xoxox.x.xoxoxo", "x.oxxo..x.oxxoxo",
                "x.xo..x.xxxo.oxo"),
        CRASH: ("x.......x.......", "x...x...x......."),
    }, min_energy=0.7),
)  # fmt: skip

STYLE = Style(
    key="march",
    name="March",
    keywords=("march music", "marching band", "military march", "brass band", "parade march", "march"),
    moods=("energetic", "happy", "epic"),
    tempo_range=(104.0, 116.0, 126.0),
    modes=("major", "major", "harmonic minor"),
    progressions={
        "major A": ("I | I | V7 | V7 | V7 | V7 | I | I", "I | IV | I^5 | V7", "I | V7/ii | ii | V7",
                    "I | V7/V | V7 | I"),
        "major B": ("IV | I^3 | ii7 | V7", "vi | V7/V | V7 | V7", "IV | #ivdim7 | I^5 | V7"),
        "major C": ("IV | IV | I | I | V7/IV | V7/IV | IV | IV",),
        "minor A": ("i | iv | V7 | i", "i | bVI | V7 | i", "i | V7 | iv | V7"),
        "minor B": ("bIII | bVII | bIII | V7", "iv | i^5 | V7 | i"),
    },
    parts=(
        Part("drums", "drums", "march_kit", drum_part(DRUMS, "roll"), -22.5, reverb=0.18, timing_jitter_ms=6.0),
        Part("tuba", "bass", "tuba", bass.pattern("X...x...X...x...", (0, -5, 0, -5), 38.0, 0.82, length=0.6), -20.5,
             reverb=0.14, timing_jitter_ms=8.0),
        Part("horns", "harmony", "horn", comping.stabs("..x...x...x...x.", "..x...x...x...xo", length=0.55,
             velocity=0.7), -22.0, pan=-0.34, reverb=0.22, timing_jitter_ms=9.0),
        Part("trombones", "harmony", "brass", comping.stabs("X.......x.......", "X...x...x...x...", length=0.8,
             velocity=0.7), -24.0, pan=0.3, reverb=0.2, min_energy=0.66, timing_jitter_ms=9.0),
        Part("trumpets", "melody", "trumpet", in_parallel(melody_part(72, strength=0.78, legato=0.8)), -19.5, pan=-0.1,
             reverb=0.2, min_energy=0.46, timing_jitter_ms=9.0),
        Part("clarinets", "melody", "clarinet", melody_part(76, strength=0.7, legato=0.85), -21.5, pan=0.2, reverb=0.2,
             max_energy=0.66, timing_jitter_ms=10.0),
        Part("piccolo", "texture", "flute", ornamented(melody_part(88, strength=0.66, legato=0.7), graces=0.2,
             trills=0.5), -26.0, pan=0.36, reverb=0.2, min_energy=0.64, timing_jitter_ms=9.0),
        Part("glockenspiel", "texture", "glockenspiel", melody_part(84, strength=0.6, density=0.8), -29.0, pan=-0.3,
             reverb=0.25, min_energy=0.74),
    ),
    key_changes=(5,),
    line_up={
        "horns": ("horn", "brass"), "trombones": ("brass", "-"), "trumpets": ("trumpet", "trumpet", "clarinet"),
        "clarinets": ("clarinet", "flute"), "piccolo": ("flute", "-"), "glockenspiel": ("glockenspiel", "-"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.18,
    approaches=0.25,
    lift=0.35,
    presence_db=-1,
    form=Form(("intro", "A", 0.5), (("first strain", "A", 0.58), ("second strain", "B", 0.72), ("trio", "C", 0.46),
              ("grandioso", "C", 0.88)), ("outro", "A", 0.74)),
    energy=0.65,
    reverb=(1.5, 6500.0),
    bus_compression=0.3,
    treble_db=0.0,
    titles=("Colours Down Main Street", "The Fifth of May", "Band of the Harbour"),
    ritardando=0.03,
    reharmonisation=0.03,
    cadence=("V7", "V7"),
    melody_feel="dotted",
    metre="2/4",
)  # fmt: skip
