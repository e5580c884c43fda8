"""Gospel: a slow 12/8 shuffle with claps, organ and piano with passing diminished chords, a choir that answers."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, RIDE, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({RIM: ("...x.....x..",), HAT: ("x.ox.ox.ox.o",)}),
    Groove({
        KICK: ("X.....X....x", "X....xX....."),
        SNARE: ("...X.....X..", "...X.....X.g"),
        HAT: ("xooxooxooxoo",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X....xX....x", "X..x.xX..x.."),
        SNARE: ("...X.....X..", "...X.g...X.g"),
        CLAP: ("...X.....X..",),
        RIDE: ("x.xx.xx.xx.x",),
        TAMBOURINE: ("x.xx.xx.xx.x",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="gospel",
    name="Gospel",
    keywords=("gospel", "gospel music", "gospel choir", "black gospel", "southern gospel", "gospel song"),
    moods=("happy", "warm", "epic", "energetic"),
    tempo_range=(64.0, 76.0, 96.0),
    modes=("major", "major", "dorian"),
    progressions={
        "major A": ("I I7^3 | IV #ivdim7 | I^5 VI7 | ii7 V9sus4", "I | I7 | IV7 iv6 | I^5 V7",
                    "I V7/vi | vi7 I7 | IV | I V7"),
        "major B": ("IV V7/V | I^5 VI7 | ii7 V7 | I I7", "IVmaj7 iii7 | ii7 V9sus4 | I IV | I V7/IV"),
        "minor A": ("i V7 | i i7 | iv7 #ivdim7 | i^5 V7", "i7 bVI | ii7b5 V7 | i iv | i V7#9", "i | bVII | bVI | V7"),
        "minor B": ("iv7 bVII7 | bIIImaj7 bVI | ii7b5 V7 | i V7/iv", "bVI | bIII | ii7b5 | V7#9"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "none"), -22.5, reverb=0.16, timing_jitter_ms=8.0,
             is_swung=False),
        Part("bass", "bass", "electric_bass", bass.pattern("X....xx..x.x X....xx....x", (0, 7, 0, 4, 7), length=0.9),
             -21.0, reverb=0.02, effects=("warmth",), min_energy=0.36, is_swung=False),
        Part("piano", "harmony", "piano", comping.stabs("X..x.ox..x.o", "X.ox..x.xx..", "X....xx..x.x", length=0.8),
             -21.0, pan=-0.35, reverb=0.18, timing_jitter_ms=9.0, is_swung=False),
        Part("organ", "harmony", "organ", comping.sustained(velocity=0.68, overlap=0.1), -23.0, pan=0.35, reverb=0.22,
             effects=("warmth",)),
        Part("choir", "harmony", "choir", comping.stabs("X.....x.....", "......X..x..", "X..x..X.....", length=0.95),
             -21.5, reverb=0.35, effects=("presence",), min_energy=0.54, timing_jitter_ms=12.0, is_swung=False),
        Part("lead voice", "melody", "voice", melody_part(70, strength=0.78, density=0.95), -21.0, pan=0.05,
             reverb=0.26, effects=("soloist",), min_energy=0.4, delay_ms=8.0, timing_jitter_ms=12.0),
        Part("organ solo", "melody", "organ", melody_part(77, strength=0.7, density=0.6), -24.5, pan=0.35, reverb=0.22,
             effects=("warmth",), min_energy=0.66, timing_jitter_ms=10.0),
    ),
    key_changes=(1, 2, 5),
    line_up={
        "organ": ("organ", "organ", "-"), "piano": ("piano", "electric_piano"), "choir": ("choir", "choir", "-"),
        "lead voice": ("voice", "voice", "sax"), "organ solo": ("organ", "trumpet", "-"),
    },
    chromatic_chords=("applied", "diminished", "borrowed"),
    chromaticism=0.23,
    approaches=0.35,
    lift=0.5,
    presence_db=5.5,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.54), ("chorus", "B", 0.78), ("verse", "A", 0.6),
              ("vamp", "B", 0.88)), ("outro", "A", 0.5)),
    energy=0.56,
    swing=0.667,
    reverb=(2.0, 6000.0),
    bus_compression=0.4,
    treble_db=2.5,
    titles=("Higher Than the River", "Carry the Light", "Sunday Got Up Early"),
    ritardando=0.1,
    reharmonisation=0.15,
    cadence=("ii7 V9sus4", "ii7b5 V7"),
    melody_feel="bluesy",
)  # fmt: skip
