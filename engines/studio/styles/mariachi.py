"""Mariachi: guitarrón in three against the vihuela in two (sesquiáltera), trumpets in thirds and violins, no drums."""

from engines.studio.composing import bass, comping
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

VIHUELA = ("XoxX..ox", "XoxX..xo")
"""Eighth notes of beats one, two and four of 4/4: in 3/4 they are accents in groups of three."""

STYLE = Style(
    key="mariachi",
    name="Mariachi",
    keywords=("mariachi", "mariachis", "mariachi band", "mariachi music"),
    moods=("happy", "energetic", "warm"),
    tempo_range=(150.0, 174.0, 198.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I6 | I6 | V7 | V9 | V7 | V9 | I6 | I6", "I6 | IV | V7 | I",
                    "I | I6 | IV | IV6 | V7 | V7 | I | I7"),
        "major B": ("IV6 | I | V7 | I6", "vi | II7 | V7 | V7", "IV | iv6 | I | V7"),
        "minor A": ("i | i | V7 | V7 | V7 | V7 | i | i", "i | iv | V7 | i", "i | bVII | bVI | V7"),
        "minor B": ("iv | i | V7 | i", "bIII | bVII7 | bIII | V7"),
    },
    parts=(
        Part("guitarron", "bass", "upright_bass", bass.pattern("X...x.......x...", (0, 7, 7, 0, 4, 7), 34.0, 0.86,
             length=0.7), -20.0, reverb=0.06, timing_jitter_ms=11.0),
        Part("vihuela", "harmony", "steel_guitar", comping.stabs(*VIHUELA, velocity=0.75, length=0.6,
             spread=0.012), -20.5, pan=-0.36, reverb=0.14, timing_jitter_ms=11.0),
        Part("guitar", "harmony", "nylon_guitar", comping.stabs("....x.......x...", "....x.......x.o.", length=0.6,
             spread=0.02), -22.5, pan=0.34, reverb=0.14, timing_jitter_ms=8.0),
        Part("harp", "texture", "harp", comping.arpeggio(0.5, order="updown", velocity=0.55), -25.5, pan=0.45,
             reverb=0.2, max_energy=0.74, timing_jitter_ms=8.0),
        Part("violins", "melody", "violin", in_parallel(melody_part(76, strength=0.7, legato=1.0)), -21.0, pan=-0.2,
             reverb=0.24, effects=("fiddle",), max_energy=0.68, timing_jitter_ms=12.0),
        Part("trumpets", "melody", "trumpet", in_parallel(ornamented(melody_part(74, strength=0.76, legato=0.8),
             graces=0.08, trills=0.15)), -20.0, pan=0.2, reverb=0.22, min_energy=0.52, timing_jitter_ms=10.0),
        Part("violin chords", "harmony", "strings", comping.sustained(shift=12, velocity=0.5), -26.5, pan=-0.3,
             reverb=0.3, min_energy=0.62),
    ),
    key_changes=(5, 7),
    line_up={
        "guitar": ("nylon_guitar", "-"), "harp": ("harp", "-"), "violins": ("violin", "violin", "strings"),
        "violin chords": ("strings", "accordion", "-"),
    },
    chromatic_chords=("applied", "applied", "borrowed"),
    chromaticism=0.18,
    approaches=0.2,
    lift=0.35,
    presence_db=-2.5,
    form=Form(("intro", "A", 0.5), (("verse", "A", 0.5), ("chorus", "B", 0.72), ("verse", "A", 0.56),
              ("trumpets", "A", 0.8)), ("outro", "A", 0.7)),
    energy=0.6,
    reverb=(1.3, 6500.0),
    bus_compression=0.25,
    treble_db=1.0,
    titles=("Plaza de Agosto", "Noche de Serenata", "El Gallo y la Luna"),
    ritardando=0.05,
    reharmonisation=0.03,
    cadence=("V7", "V7"),
    melody_feel="flowing",
    metre="3/4",
)  # fmt: skip
