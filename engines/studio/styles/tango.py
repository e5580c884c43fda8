"""Tango: marcato in four and syncopation by piano, short strings and bass; bandoneon and violin, no drums."""

from engines.studio.composing import bass, comping
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import ornamented
from engines.studio.model.style import Form, Part, Style

MARCATO = "X...x...X...x..."
SYNCOPATED = "X.x...x.x...x..."
THREE_THREE_TWO = "X.....x.....x..."

STYLE = Style(
    key="tango",
    name="Tango",
    keywords=("tango", "argentine tango", "tango argentino", "tango music"),
    moods=("sad", "dark", "warm"),
    tempo_range=(104.0, 120.0, 132.0),
    modes=("harmonic minor", "harmonic minor", "minor", "major"),
    progressions={
        "major A": ("I | I | V7 | V7 | V7 | V7 | I | I", "I6 | VI7 | ii7 | V7", "I | #ivdim7 | V7 | I"),
        "major B": ("IV | iv6 | I | VI7 | ii7 | V7 | I | I", "vi | ii7 | V7 | I"),
        "minor A": ("i | i | V7 | V7 | V7b9 | V7b9 | i | i", "i | I7 | iv | iv | ii7b5 | V7b9 | i | V7",
                    "i | bVI | ii7b5 | V7"),
        "minor B": ("iv | bVII7 | bIII | bVImaj7 | ii7b5 | V7b9 | i | i", "iv6 | i | II7 | V7", "bII | i^5 | V7b9 | i"),
    },
    parts=(
        Part("bass", "bass", "upright_bass", bass.pattern("X...x...X...x... X.....x.....x... X...x...X...x...", (0, 7,
             0, 7), 36.0, 0.84, length=0.45), -20.5, pan=0.1, reverb=0.1, timing_jitter_ms=7.0),
        Part("piano", "harmony", "piano", comping.stabs(MARCATO, SYNCOPATED, THREE_THREE_TWO, velocity=0.72,
             length=0.45), -20.5, pan=-0.22, reverb=0.18, timing_jitter_ms=7.0),
        Part("strings", "harmony", "staccato_strings", comping.stabs(MARCATO, SYNCOPATED, MARCATO, velocity=0.68,
             length=0.4), -22.5, pan=0.34, reverb=0.24, min_energy=0.5, timing_jitter_ms=9.0),
        Part("bandoneon", "melody", "accordion", ornamented(melody_part(69, strength=0.74, legato=0.8), graces=0.3),
             -19.5, pan=-0.3, reverb=0.2, delay_ms=8.0, timing_jitter_ms=12.0),
        Part("violin", "melody", "violin", ornamented(melody_part(77, strength=0.7, legato=1.02), graces=0.2,
             trills=0.1), -21.0, pan=0.25, reverb=0.28, effects=("fiddle",), min_energy=0.56, delay_ms=12.0,
             timing_jitter_ms=13.0),
        Part("cello", "texture", "cello", comping.sustained(shift=-12, velocity=0.5), -25.0, pan=0.2, reverb=0.26,
             effects=("cello",), min_energy=0.6, timing_jitter_ms=12.0),
    ),
    key_changes=(5, 3),
    line_up={
        "strings": ("staccato_strings", "-"), "violin": ("violin", "clarinet", "flute"), "cello": ("cello", "-"),
        "piano": ("piano", "piano", "nylon_guitar"),
    },
    chromatic_chords=("applied", "diminished", "neapolitan"),
    chromaticism=0.35,
    approaches=0.35,
    lift=0.3,
    form=Form(("intro", "A", 0.4), (("first part", "A", 0.54), ("second part", "B", 0.72), ("first part", "A", 0.5),
              ("variation", "A", 0.8)), ("outro", "A", 0.7)),
    energy=0.55,
    reverb=(1.7, 6000.0),
    bus_compression=0.35,
    treble_db=4.5,
    titles=("Esquina sin Nombre", "Medianoche Porteña", "El Último Abrazo"),
    ritardando=0.05,
    reharmonisation=0.06,
    cadence=("V7", "V7b9"),
    melody_feel="dotted",
)  # fmt: skip
