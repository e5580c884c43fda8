"""Grunge: a quiet verse with a watery clean guitar, a loud chorus of low fuzz chords, roomy drums, dragging time."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, OPEN_HAT, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......x.......",), RIDE: ("x...x...x...x...",)}),
    Groove({
        KICK: ("X..x....x.x.....", "X..x......xx...."),
        SNARE: ("....X.......X...", "....X..g....X..."),
        HAT: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.xx..x..xx.....", "X.xx..x...x...xx"),
        SNARE: ("....X.......X...", "....X.......X..X"),
        OPEN_HAT: ("X...X...X...X...",),
        CRASH: ("X.......x.......", "x.......x.......", "X...............", "x.......x......."),
    }, min_energy=0.7),
)  # fmt: skip

STYLE = Style(
    key="grunge",
    name="Grunge",
    keywords=("grunge", "grunge rock", "90s grunge", "nineties grunge", "seattle grunge"),
    moods=("dark", "sad", "energetic"),
    tempo_range=(88.0, 108.0, 126.0),
    modes=("minor", "minor", "mixolydian"),
    progressions={
        "major A": ("I5 | bIII5 | IV5 | bVI5", "I | bVII | IV | IV", "I5 | IV5 | bIII5 | bVII5"),
        "major B": ("IV5 | bVI5 | I5 | bVII5", "I5 | V5 | bIII5 | IV5"),
        "minor A": ("i5 iv5 | bIII5 bVI5 | i5 iv5 | bIII5 bVI5", "i7 | bVI | iv7 | iv7", "i | bVII5 | bV5 | iv5"),
        "minor B": ("i5 bIII5 | iv5 bVI5 | i5 bIII5 | bVII5 bV5", "bVI5 | bVII5 | i5 | iv5", "i5 | bII5 | i5 | bVI5"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms"), -20.0, reverb=0.26, effects=("warmth",),
             delay_ms=4.0, timing_jitter_ms=8.0),
        Part("bass", "bass", "picked_bass", bass.pattern("X.xxX.x. X.xxX.xx", (0, 0, 0, 7), 35.0, length=0.9), -20.0,
             reverb=0.02, effects=("drive", "mellow"), min_energy=0.34),
        Part("clean guitar", "harmony", "electric_guitar", comping.arpeggio(0.5, order="wide", velocity=0.6,
             length=1.6), -21.0, pan=-0.35, reverb=0.22, effects=("chorus", "wobble"), max_energy=0.7,
             timing_jitter_ms=9.0),
        Part("fuzz left", "harmony", "driven_guitar", comping.power_chords("X..xX.X.", "X.xX..X.", centre=40.0,
             length=0.95), -20.5, pan=-0.8, reverb=0.12, effects=("metal", "body"), min_energy=0.68,
             timing_jitter_ms=8.0),
        Part("fuzz right", "harmony", "driven_guitar", comping.power_chords("X..xX.X.", "X..x..xx", centre=40.0,
             length=0.95), -20.5, pan=0.8, reverb=0.12, effects=("amp", "body"), min_energy=0.68,
             timing_jitter_ms=11.0),
        Part("cello", "texture", "cello", comping.sustained(velocity=0.5), -26.0, pan=0.35, reverb=0.3,
             effects=("cello",), max_energy=0.6, min_energy=0.46),
        Part("lead guitar", "melody", "driven_guitar", melody_part(64, strength=0.76, density=0.85), -21.0, pan=0.12,
             reverb=0.2, effects=("crunch",), min_energy=0.5, delay_ms=10.0, timing_jitter_ms=12.0),
    ),
    line_up={
        "clean guitar": ("electric_guitar", "steel_guitar"), "cello": ("cello", "-"),
        "fuzz left": ("driven_guitar", "palm_mute"), "lead guitar": ("driven_guitar", "electric_guitar"),
        "bass": ("picked_bass", "electric_bass"),
    },
    chromatic_chords=("mediant", "borrowed"),
    chromaticism=0.13,
    presence_db=0,
    repeated_tones=0.9,
    form=Form(("intro", "A", 0.42), (("verse", "A", 0.5), ("chorus", "B", 0.9), ("verse", "A", 0.52),
              ("chorus", "B", 0.92), ("solo", "A", 0.74)), ("outro", "A", 0.46)),
    energy=0.66,
    reverb=(1.5, 6000.0),
    bus_compression=0.2,
    treble_db=4.0,
    titles=("Flannel Sky", "Rain on the Amplifier", "Damp Room"),
    reharmonisation=0.0,
    cadence=("bIII IV", "bVI5 bVII5"),
    melody_feel="bluesy",
)  # fmt: skip
