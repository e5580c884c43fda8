"""Sixties pop: a doubled backbeat, jangling twelve-string guitar, piano in eighths, harmonica and "ooh" voices."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, RIDE, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), TAMBOURINE: ("....x.......x...",)}),
    Groove({
        KICK: ("X.....x.X.......", "X.....x.X.....x."),
        SNARE: ("....X.x.....X...", "....X.x.....X..."),
        HAT: ("x.x.x.x.x.x.x.x.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X.....x.X.....x.",),
        SNARE: ("....X.x.....X...", "....X.x.....X.x."),
        RIDE: ("x.x.x.x.x.x.x.x.",),
        TAMBOURINE: ("....X.......X...",),
        CLAP: ("....x.......x...",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="sixties_pop",
    name="Sixties pop",
    keywords=("sixties pop", "60s pop", "1960s pop", "sixties beat", "60s beat", "sixties girl group"),
    moods=("happy", "warm", "dreamy"),
    tempo_range=(108.0, 126.0, 142.0),
    modes=("major", "major", "mixolydian", "minor"),
    progressions={
        "major A": ("I | vi | IV | V7", "I | IV | I | V7", "I6 | vi | ii7 | V7", "I | bVII | IV | V"),
        "major B": ("IV | V7 | I | vi", "IV | iv6 | I | V7/V", "iii | vi | ii7 | V7"),
        "major C": ("V7/IV | IV | V7/V | V7",),
        "minor A": ("i | bVII | bVI | V7", "i | iv | i | V7", "i | bIII | iv | V7"),
        "minor B": ("bIII | bVII | i | V7", "iv | i | bVI | V7"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -21.5, pan=0.12, reverb=0.22,
             effects=("tape",), timing_jitter_ms=9.0),
        Part("bass", "bass", "picked_bass", bass.pattern("X..xX..x X..xX.xx", (0, 0, 7, 7), length=0.6), -21.0,
             reverb=0.04, effects=("dark",), min_energy=0.36),
        Part("twelve-string", "harmony", "electric_guitar", comping.arpeggio(0.5, order="updown", shift=12,
             velocity=0.66, length=1.6), -21.5, pan=-0.55, reverb=0.2, effects=("chorus", "bright")),
        Part("piano", "harmony", "piano", comping.stabs("xoxoxoxo", "xoxoxoxx", length=0.6), -23.5, pan=0.45,
             reverb=0.2, effects=("tape",), min_energy=0.5),
        Part("strumming", "harmony", "steel_guitar", comping.stabs("X.xx.xxx", "X.xxX.xx", length=0.85, spread=0.02),
             -25.0, pan=0.6, reverb=0.16, effects=("air",), min_energy=0.6),
        Part("voices", "texture", "humming", comping.sustained(shift=12, velocity=0.6), -25.0, pan=-0.2, reverb=0.35,
             min_energy=0.54),
        Part("bells", "texture", "glockenspiel", comping.stabs("X.......x.......", "X...x...x.......", shift=12,
             top_notes=1), -31.0, pan=0.3, reverb=0.4, min_energy=0.7),
        Part("harmonica", "melody", "harmonica", melody_part(74, strength=0.72, density=0.9), -21.5, pan=0.1,
             reverb=0.25, effects=("tape",), min_energy=0.44, timing_jitter_ms=9.0),
        Part("strings", "melody", "strings", melody_part(79, strength=0.6, density=0.8), -26.0, pan=-0.3, reverb=0.4,
             min_energy=0.74, timing_jitter_ms=12.0),
    ),
    key_changes=(5, 3),
    line_up={
        "piano": ("piano", "harpsichord"), "strumming": ("steel_guitar", "-"), "voices": ("humming", "-"),
        "bells": ("glockenspiel", "-"), "harmonica": ("harmonica", "flute", "electric_guitar"),
        "strings": ("strings", "trumpet"),
    },
    chromatic_chords=("applied", "borrowed", "diminished"),
    chromaticism=0.2,
    approaches=0.25,
    lift=0.4,
    presence_db=0,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.54), ("chorus", "B", 0.78), ("verse", "A", 0.58),
              ("middle eight", "C", 0.5), ("chorus", "B", 0.82)), ("outro", "A", 0.56)),
    energy=0.58,
    reverb=(1.8, 5500.0),
    bus_compression=0.7,
    treble_db=2.0,
    titles=("Telephone Kiss", "Saturday's Girl", "Two to the Station"),
    reharmonisation=0.04,
    cadence=("IV V7", "iv V7"),
)  # fmt: skip
