"""String quartet: two violins, viola and cello in four independent parts that share the melody."""

from engines.studio.composing import comping, inner_voices
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="quartet",
    name="String quartet",
    keywords=("string quartet", "quartet", "chamber music", "string ensemble",
              "streichquartett"),
    moods=("sad", "calm", "warm", "dreamy"),
    tempo_range=(66.0, 84.0, 112.0),
    modes=("major", "minor", "minor"),
    progressions={
        "major A": ("I | V^3 | vi | IV", "I | ii^3 | V7 | I", "I | vi | ii7 | V7"),
        "major B": ("vi | iii | IV | I^3", "IV | I^3 | ii7 | V7", "V7/vi | vi | V7/V | V7"),
        "major C": ("iv | I^3 | ii7b5 | V7",),
        "minor A": ("i | V^3 | i | iv", "i | iv^3 | V7 | i", "i | bVI | ii7b5 | V7"),
        "minor B": ("bIII | bVII^3 | iv | V7", "bVI | bIII^3 | iv7 | V7", "iv7 | bVII | bIIImaj7 | V7"),
        "minor C": ("bVI | bII^3 | V7 | i",),
    },
    parts=(
        Part("violin", "melody", "violin", melody_part(76, strength=0.7, legato=1.02), -19.5, pan=-0.42, reverb=0.3,
             effects=("fiddle",), delay_ms=6.0, timing_jitter_ms=12.0),
        Part("second violin", "harmony", "violin", inner_voices.inner_voice(2, lively=0.85), -22.5, pan=-0.15,
             reverb=0.3, effects=("fiddle",), timing_jitter_ms=13.0),
        Part("viola", "harmony", "viola", inner_voices.inner_voice(1, lively=0.6), -22.5, pan=0.2, reverb=0.3,
             effects=("cello",), timing_jitter_ms=13.0),
        Part("cello", "bass", "cello", inner_voices.inner_voice(-1, lively=0.5), -21.0, pan=0.12, reverb=0.26,
             effects=("cello",), timing_jitter_ms=13.0),
        Part("plucked", "texture", "pizzicato", comping.arpeggio(0.5, order="broken", velocity=0.55), -26.5, pan=0.35,
             reverb=0.3, min_energy=0.56, timing_jitter_ms=12.0),
        Part("cello line", "texture", "cello", melody_part(57, strength=0.62, density=0.5), -23.5, pan=0.35, reverb=0.3,
             effects=("cello",), min_energy=0.44, max_energy=0.6, timing_jitter_ms=14.0),
    ),
    key_changes=(7, 5, 3),
    line_up={
        "plucked": ("pizzicato", "-"), "cello line": ("cello", "-"), "second violin": ("violin", "violin", "viola"),
    },
    chromatic_chords=("applied", "diminished", "neapolitan"),
    chromaticism=0.13,
    approaches=0.2,
    lift=0.2,
    repeated_tones=0,
    form=Form(("opening", "A", 0.34), (("theme", "A", 0.48), ("second theme", "B", 0.64), ("development", "C", 0.74),
              ("theme", "A", 0.52)), ("coda", "A", 0.36)),
    energy=0.45,
    reverb=(2.2, 6500.0),
    bus_compression=0.1,
    presence_db=2.0,
    treble_db=2.0,
    titles=("Letters Unsent", "Winter Parlour", "In Four Voices"),
    ritardando=0.14,
    reharmonisation=0.15,
    cadence=("ii7 V7", "iv V7"),
)  # fmt: skip
