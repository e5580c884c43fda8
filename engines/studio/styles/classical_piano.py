"""Classical piano: periods of question and answer over an Alberti bass, with ornaments, as in a Viennese sonata."""

from engines.studio.composing import bass, comping, figures
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="classical_piano",
    name="Classical piano",
    keywords=("classical piano", "piano sonata", "sonatina"),
    moods=("happy", "calm", "warm"),
    tempo_range=(88.0, 112.0, 138.0),
    modes=("major", "major", "harmonic minor"),
    progressions={
        "major A": ("I | V7 | V7 | I | I | ii^3 | I^5 V7 | I", "I | I | IV | I | ii^3 | V7 | vi | I^5 V7",
                    "I | ii^3 | V7 | I"),
        "major B": ("V | V7/V | V7/V | V | I^3 | IV | V7/V | V7", "vi | V7/vi | vi | V7/V | V | V7 | I^3 | V7",
                    "IV | I^3 | V7^3 | I"),
        "major C": ("i | V7 | i | bVI | iv | i^5 | V7 | V7",),
        "minor A": ("i | V7^3 | V7 | i | i | iv^3 | i^5 V7 | i", "i | iv | V7 | i | bVI | ii7b5 | i^5 V7 | i",
                    "i | bVI | iv^3 | V7"),
        "minor B": ("bIII | bVII7 | bVII7 | bIII | bVI | iv | V7/V | V7", "bVI | bIII^3 | iv | V7"),
        "minor C": ("bIII | bIII | iv | V7",),
    },
    parts=(
        Part("left hand", "harmony", "piano", figures.alberti(48.0, 0.5), -18.5, pan=-0.12, reverb=0.24,
             min_energy=0.36, max_energy=0.68, timing_jitter_ms=6.0),
        Part("left octaves", "harmony", "piano", in_parallel(bass.pattern("X...x...X...x...", (0, 12, 7, 12), 43.0, 0.7,
             length=0.7), -1, is_octave=True), -20.0, pan=-0.15, reverb=0.24, min_energy=0.68, timing_jitter_ms=7.0),
        Part("broken chords", "harmony", "piano", comping.arpeggio(0.5, order="broken", velocity=0.5), -21.5, pan=-0.1,
             reverb=0.26, max_energy=0.5, timing_jitter_ms=9.0),
        Part("right hand", "melody", "piano", ornamented(melody_part(77, strength=0.7, legato=0.95), graces=0.12,
             trills=0.25), -18.0, pan=0.12, reverb=0.24, delay_ms=6.0, timing_jitter_ms=9.0),
        Part("right thirds", "melody", "piano", in_parallel(melody_part(74, strength=0.6, legato=0.8, density=0.8)),
             -22.0, pan=0.16, reverb=0.24, min_energy=0.64, timing_jitter_ms=9.0),
    ),
    key_changes=(7, 5),
    line_up={
        "right thirds": ("piano", "-"), "broken chords": ("piano", "-"), "left octaves": ("piano", "-"),
    },
    chromatic_chords=("applied", "diminished", "neapolitan"),
    chromaticism=0.18,
    approaches=0.2,
    lift=0.3,
    repeated_tones=0.6,
    form=Form(("introduction", "A", 0.44), (("first theme", "A", 0.5), ("second theme", "B", 0.62),
              ("development", "C", 0.76), ("first theme", "A", 0.54)), ("coda", "A", 0.5)),
    energy=0.5,
    reverb=(1.7, 6500.0),
    bus_compression=0.5,
    treble_db=6.0,
    titles=("Sonatina in Grey", "Allegretto for a Tuesday", "The Tuner's Exercise"),
    ritardando=0.1,
    reharmonisation=0.0,
    cadence=("I^5 V7", "i^5 V7"),
    melody_feel="running",
)  # fmt: skip
