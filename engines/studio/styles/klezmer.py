"""Klezmer: a freylekhs in freygish (phrygian dominant), sobbing clarinet, oom-pah of tuba and accordion, 3-3-2 drum."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("x..x..x.x..x..x.",)}, min_energy=0.34),
    Groove({
        KICK: ("X.......X.......",),
        SNARE: ("x..x..x.x..x..x.", "x..x..x.x..x.xx."),
        HAT: ("....o.......o...",),
    }, min_energy=0.44),
    Groove({
        KICK: ("X...x...X...x...",),
        SNARE: ("X..x..x.X..x..x.", "X..x.gx.X..x.xxo"),
        OPEN_HAT: ("....x.......x...",),
        TAMBOURINE: ("x.x.x.x.x.x.x.x.", "x.xxx.x.x.xxx.x."),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="klezmer",
    name="Klezmer",
    keywords=("klezmer", "klezmer music", "freylekhs", "freilach"),
    moods=("happy", "energetic", "sad"),
    tempo_range=(108.0, 132.0, 156.0),
    modes=("phrygian dominant", "phrygian dominant", "harmonic minor", "ukrainian dorian"),
    progressions={
        "major A": ("I | I | iv | I", "I | bvii | bvii | I", "I | iv | bvii | I", "I | bII | bvii | I"),
        "major B": ("iv | iv | I | I", "bvii | bII | bvii | I", "iv | bVI | bvii | I"),
        "minor A": ("i | i | V7 | i", "i | iv | V7 | i", "i | i | II | i", "i | bVI | V7 | i"),
        "minor B": ("iv | i | V7 | i", "bIII | bIII | V7 | i", "bVII | bIII | V7 | i"),
    },
    parts=(
        Part("drums", "drums", "march_kit", drum_part(DRUMS, "roll", crash=False), -22.0, reverb=0.14,
             timing_jitter_ms=7.0),
        Part("bass", "bass", "tuba", bass.pattern("X...x...X...x...", (0, 7, 0, 7), 34.0, 0.8, length=0.6), -20.5,
             reverb=0.1, timing_jitter_ms=8.0),
        Part("accordion", "harmony", "accordion", comping.stabs("..x...x...x...x.", "..x...x...x..xx.", length=0.45,
             velocity=0.7), -21.5, pan=-0.32, reverb=0.16, timing_jitter_ms=8.0),
        Part("piano", "harmony", "piano", comping.stabs("....x.......x...", "..x...x...x...x.", length=0.35), -24.0,
             pan=0.34, reverb=0.14, min_energy=0.5),
        Part("clarinet", "melody", "clarinet", ornamented(melody_part(74, strength=0.76, legato=0.9), graces=0.5,
             trills=0.3), -19.0, pan=0.1, reverb=0.2, effects=("presence",), timing_jitter_ms=11.0),
        Part("violin", "melody", "violin", in_parallel(ornamented(melody_part(74, strength=0.7, legato=0.85),
             graces=0.3)), -22.0, pan=-0.2, reverb=0.22, effects=("fiddle",), min_energy=0.6, timing_jitter_ms=12.0),
        Part("brass", "texture", "brass", comping.stabs("X..x..x.........", "X..x..x.X.......", length=0.5), -26.0,
             pan=0.25, reverb=0.2, min_energy=0.72),
    ),
    suspensions=0.0,
    line_up={
        "piano": ("piano", "-"), "accordion": ("accordion", "accordion", "piano"),
        "clarinet": ("clarinet", "clarinet", "flute"), "violin": ("violin", "trumpet"), "brass": ("brass", "-"),
        "bass": ("tuba", "upright_bass"),
    },
    approaches=0.3,
    lift=0.3,
    presence_db=1,
    form=Form(("doina", "A", 0.4), (("first part", "A", 0.56), ("second part", "B", 0.7), ("first part", "A", 0.62),
              ("third part", "B", 0.84)), ("outro", "A", 0.66)),
    energy=0.62,
    reverb=(1.3, 6000.0),
    bus_compression=0.3,
    treble_db=3.5,
    titles=("The Rebbe's Hat", "Odessa Bulgar", "A Wedding in Grodno"),
    ritardando=0.06,
    reharmonisation=0.0,
    cadence=("bvii", "V7"),
    melody_feel="running",
)  # fmt: skip
