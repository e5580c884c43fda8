"""Blues: twelve bars in a triplet shuffle, call and response of guitar and harmonica, a growling organ."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, PEDAL, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.xxx.xx",), PEDAL: ("..x...x.",)}),
    Groove({
        KICK: ("X...X..x", "X...X...", "X..xX..."),
        SNARE: ("..X...X.", "..X...Xg", "..Xg..X."),
        HAT: ("XoxoXoxo", "XoxoXox?"),
    }, min_energy=0.4),
    Groove({
        KICK: ("X..xX..x", "X...X.?x"),
        SNARE: ("..X...X.", "..X..gX.", "..X...Xg"),
        RIDE: ("X.xxX.xx", "XoxxXoxx"),
        PEDAL: ("..x...x.",),
    }, min_energy=0.66),
)  # fmt: skip
TWELVE = (
    "I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
    "I7 | IV7 | I7 | I7 | IV9 | IV9 | I7 | VI7 | ii7 | V9 | I7 VI7 | ii7 V7",
    "I9 | IV9 | I9 | I7 | IV9 | IV9 | I9 | I9 | V9 | IV9 | I9 | V7#9",
)
MINOR = (
    "i7 | i7 | i7 | i7 | iv7 | iv7 | i7 | i7 | bVI7 | V7 | i7 | V7#9",
    "i7 | iv7 | i7 | i7 | iv9 | iv9 | i7 | i7 | bVI7 | V7#9 | i7 iv7 | i7 V7",
)

STYLE = Style(
    key="blues",
    name="Blues",
    keywords=(
        "blues", "12 bar blues", "twelve bar blues", "chicago blues", "delta blues", "slow blues", "rhythm and blues",
    ),
    moods=("sad", "warm", "energetic"),
    tempo_range=(72.0, 96.0, 122.0),
    modes=("mixolydian", "mixolydian", "dorian"),
    progressions={"major A": TWELVE, "minor A": MINOR},
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -21.5, reverb=0.12,
             timing_jitter_ms=7.0),
        Part("bass", "bass", "electric_bass", bass.pattern("XxxxXxxx", (0, 4, 7, 9, 10, 9, 7, 4)), -21.5, reverb=0.02,
             effects=("warmth",), min_energy=0.34),
        Part("rhythm guitar", "harmony", "electric_guitar", comping.stabs("o.xo..xo", "..x...x.", "x.xo..x.",
             length=0.5), -23.5, pan=-0.45, reverb=0.12, effects=("twang",), timing_jitter_ms=8.0),
        Part("organ", "harmony", "organ", comping.sustained(velocity=0.62), -24.0, pan=0.35, reverb=0.16,
             effects=("warmth",), min_energy=0.5, timing_jitter_ms=10.0),
        Part("piano", "harmony", "piano", comping.stabs("..x..x..", ".x..x..x", "x..x..x.", length=0.6), -24.5, pan=0.2,
             reverb=0.14, min_energy=0.6, timing_jitter_ms=9.0),
        Part("guitar", "melody", "driven_guitar", melody_part(69, strength=0.76, density=0.95, legato=0.9), -21.0,
             pan=0.1, reverb=0.2, delay=0.1, effects=("crunch",), min_energy=0.42, delay_ms=12.0,
             timing_jitter_ms=12.0),
        Part("harmonica", "melody", "harmonica", melody_part(74, strength=0.7, density=0.55, legato=0.85), -23.5,
             pan=-0.2, reverb=0.22, effects=("warmth",), min_energy=0.62, delay_ms=10.0, timing_jitter_ms=12.0),
    ),
    suspensions=0.0,
    line_up={
        "bass": ("electric_bass", "upright_bass"), "organ": ("organ", "-"), "piano": ("piano", "electric_piano", "-"),
        "harmonica": ("harmonica", "sax", "-"), "guitar": ("driven_guitar", "electric_guitar"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.1,
    approaches=0.4,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.54), ("solo", "A", 0.8), ("verse", "A", 0.6),
              ("solo", "A", 0.72)), ("outro", "A", 0.5), phrase_bars=12),
    energy=0.55,
    swing=0.66,
    reverb=(1.2, 6000.0),
    bus_compression=0.3,
    treble_db=1.0,
    presence_db=5.0,
    titles=("Rent Day", "Gas Station Coffee", "Nobody Home"),
    ritardando=0.1,
    reharmonisation=0.12,
    cadence=("V7 IV7", "V7#9"),
    melody_feel="bluesy",
)  # fmt: skip
