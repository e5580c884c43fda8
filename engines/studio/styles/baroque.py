"""Baroque: sequences through the circle of fifths over a running continuo, harpsichord, violins in imitation."""

from engines.studio.composing import bass, comping
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import ornamented
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="baroque",
    name="Baroque",
    keywords=("baroque", "baroque music"),
    moods=("happy", "calm", "energetic"),
    tempo_range=(76.0, 96.0, 116.0),
    modes=("harmonic minor", "major", "minor"),
    progressions={
        "major A": ("I | IV | viidim^3 I | V", "I V^3 | vi iii^3 | IV I^3 | ii7 V7", "I | V^3 | vi | V7/V V"),
        "major B": ("I IV | vii7b5 iii7 | vi7 ii7 | V7 I", "vi ii7 | V7 Imaj7 | IVmaj7 vii7b5 | V7/vi vi"),
        "major C": ("vi | V7/vi | vi ii7 | V7",),
        "minor A": ("i | iv^3 | V | V7", "i V^3 | i iv | V7 i | ii7b5 V7", "i | bVII^3 | bVI | V7"),
        "minor B": ("i7 iv7 | bVII7 bIIImaj7 | bVImaj7 ii7b5 | V7 i", "iv7 bVII7 | bIIImaj7 bVImaj7 | ii7b5 V7 | i V7"),
        "minor C": ("bIII | bVII7 | bIII iv | V7",),
    },
    parts=(
        Part("continuo", "bass", "cello", bass.pattern("X.x.x.x.X.x.x.x.", (0, 0, 7, 12, 0, 12, 7, 0), 43.0, 0.68,
             length=0.75), -20.5, pan=0.12, reverb=0.24, effects=("cello",), timing_jitter_ms=9.0),
        Part("violone", "bass", "upright_bass", bass.sustained(34.0, 0.6), -25.0, pan=0.08, reverb=0.2, min_energy=0.46,
             timing_jitter_ms=9.0),
        Part("harpsichord", "harmony", "harpsichord", comping.arpeggio(0.25, order="updown", velocity=0.6), -21.5,
             pan=-0.3, reverb=0.26, timing_jitter_ms=7.0),
        Part("chords", "harmony", "harpsichord", comping.stabs("x...x...x...x...", "x...x.x.x...x...", velocity=0.6,
             length=0.8, spread=0.03), -23.5, pan=-0.2, reverb=0.26, min_energy=0.5, timing_jitter_ms=8.0),
        Part("violin", "melody", "violin", ornamented(melody_part(77, strength=0.7, legato=0.88), graces=0.1,
             trills=0.4), -19.5, pan=-0.36, reverb=0.3, effects=("fiddle",), min_energy=0.42, timing_jitter_ms=11.0),
        Part("second violin", "harmony", "violin", melody_part(70, strength=0.66, legato=0.88, delay_bars=2), -22.0,
             pan=0.34, reverb=0.3, effects=("fiddle",), min_energy=0.42, timing_jitter_ms=12.0),
        Part("viola", "harmony", "viola", melody_part(62, strength=0.6, legato=0.9, delay_bars=4), -24.0, pan=0.2,
             reverb=0.3, effects=("cello",), min_energy=0.52, timing_jitter_ms=12.0),
        Part("recorder", "melody", "flute", ornamented(melody_part(79, strength=0.64, legato=0.85), graces=0.15,
             trills=0.5), -21.5, pan=0.2, reverb=0.32, max_energy=0.58, timing_jitter_ms=11.0),
        Part("ripieno", "texture", "staccato_strings", comping.stabs("x.x.x.x.x.x.x.x.", velocity=0.55, length=0.6),
             -26.0, pan=0.1, reverb=0.3, min_energy=0.68, timing_jitter_ms=10.0),
    ),
    key_changes=(7, 5),
    line_up={
        "violone": ("upright_bass", "-"), "harpsichord": ("harpsichord", "harpsichord", "organ"),
        "violin": ("violin", "flute"), "viola": ("viola", "-"), "recorder": ("flute", "trumpet", "-"),
        "ripieno": ("staccato_strings", "-"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.2,
    approaches=0.15,
    presence_db=0,
    form=Form(("ritornello", "A", 0.52), (("solo", "A", 0.46), ("ritornello", "B", 0.7), ("solo", "C", 0.44),
              ("ritornello", "A", 0.74)), ("close", "A", 0.6)),
    energy=0.52,
    reverb=(2.0, 6500.0),
    bus_compression=0.15,
    treble_db=3.0,
    titles=("Allegro in Ochre", "The Mirror Gallery", "Sinfonia for a Small Court"),
    ritardando=0.14,
    reharmonisation=0.0,
    cadence=("ii7 V7", "iv V7"),
    melody_feel="running",
)  # fmt: skip
