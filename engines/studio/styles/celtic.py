"""Celtic: a jig in 6/8 with ornamented fiddle and whistle, a piper's drone, bodhrán, strummed guitar and harp."""

from engines.studio.composing import bass, comping, figures
from engines.studio.composing.drums import HAT, KICK, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import ornamented
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("o...o...o...o...",)}, min_energy=0.3),
    Groove({
        KICK: ("X...x...X...x...",),
        SNARE: ("..o...o...o...o.", "..o...o.o.o...o."),
        RIM: ("....g.......g.g.",),
    }, min_energy=0.44, metre_patterns={"6/8": {
        KICK: ("X..x..", "X....."),
        SNARE: (".oo.oo", ".oo.ox"),
        RIM: ("......", "...x.."),
    }}),
    Groove({
        KICK: ("X...x...X...x..x",),
        SNARE: ("o.xoo.xoo.xoo.xo",),
        HAT: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.64, metre_patterns={"6/8": {
        KICK: ("X..X..", "X..X.o"),
        SNARE: ("oxooxo", "oxooxx"),
        HAT: ("x.xx.x",),
    }}),
)  # fmt: skip

STYLE = Style(
    key="celtic",
    name="Celtic",
    keywords=("celtic", "celtic folk", "celtic music", "irish jig", "ceilidh", "céilí", "jig"),
    moods=("happy", "energetic", "warm", "dreamy"),
    tempo_range=(96.0, 114.0, 128.0),
    modes=("major", "mixolydian", "dorian"),
    progressions={
        "major A": ("I | I | IV | V", "I | bVII | I | bVII", "I5 | IV | Iadd9 | V", "Iadd9 | vi7 | IV | V"),
        "major B": ("vi | V | IV | I", "IV | I^3 | IV | V", "bVII | IV | I | I"),
        "minor A": ("i5 | bVII | i | bVII", "i | bVII | IV | i", "i | bIII | bVII | i5"),
        "minor B": ("bIII | bVII | i | bVII", "bVII | i | IV | bVII"),
    },
    parts=(
        Part("bodhran", "drums", "frame_drum", drum_part(DRUMS, "none", crash=False), -22.0, reverb=0.16,
             timing_jitter_ms=7.0),
        Part("bass", "bass", "upright_bass", bass.pattern("X.......x.......", (0, 7), 36.0, 0.74, length=0.85), -22.0,
             reverb=0.08, min_energy=0.5),
        Part("guitar", "harmony", "steel_guitar", comping.stabs("X.o.x.o.X.o.x.oo", "X.oox.o.X.oox.oo", length=0.9,
             spread=0.015), -21.5, pan=-0.34, reverb=0.16, timing_jitter_ms=7.0),
        Part("drone", "harmony", "bagpipes", figures.held_tones(50, 0, 7, 12, velocity=0.5), -25.0, pan=0.1, reverb=0.2,
             effects=("mellow",), timing_jitter_ms=4.0),
        Part("harp", "texture", "harp", comping.arpeggio(0.5, order="wide", velocity=0.55), -25.0, pan=0.42,
             reverb=0.28, max_energy=0.66, timing_jitter_ms=8.0),
        Part("fiddle", "melody", "violin", ornamented(melody_part(76, strength=0.72, legato=0.9), graces=0.35), -20.0,
             pan=-0.14, reverb=0.2, effects=("fiddle",), min_energy=0.46, timing_jitter_ms=9.0),
        Part("whistle", "melody", "flute", ornamented(melody_part(81, strength=0.66, legato=0.88), graces=0.45,
             trills=0.1), -21.0, pan=0.2, reverb=0.26, timing_jitter_ms=9.0),
        Part("pipes", "melody", "bagpipes", ornamented(melody_part(69, strength=0.7, legato=1.0), graces=0.4), -23.0,
             pan=0.3, reverb=0.22, min_energy=0.74, timing_jitter_ms=8.0),
    ),
    line_up={
        "bass": ("upright_bass", "cello"), "drone": ("bagpipes", "accordion", "-"), "harp": ("harp", "-"),
        "fiddle": ("violin", "accordion"), "whistle": ("flute", "flute", "clarinet"), "pipes": ("bagpipes", "-"),
        "guitar": ("steel_guitar", "nylon_guitar"),
    },
    chromatic_chords=("borrowed",),
    chromaticism=0.2,
    lift=0.5,
    form=Form(("intro", "A", 0.42), (("first tune", "A", 0.54), ("second part", "B", 0.64), ("first tune", "A", 0.6),
              ("second part", "B", 0.8)), ("outro", "A", 0.5)),
    energy=0.58,
    reverb=(1.7, 6000.0),
    bus_compression=0.25,
    presence_db=2.0,
    treble_db=3.0,
    titles=("The Miller's Gate", "Rain on Slieve Road", "Three Geese Over the Lough"),
    ritardando=0.05,
    reharmonisation=0.0,
    cadence=("V", "bVII"),
    key_changes=(5, 7),
    melody_feel="running",
    metre="6/8",
)  # fmt: skip
