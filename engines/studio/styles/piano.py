"""Solo piano: a cantabile right hand over arpeggios, rubato, with a slow ending."""

from engines.studio.composing import comping
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="piano",
    name="Solo piano",
    keywords=("solo piano", "piano solo", "piano piece", "neoclassical", "neo-classical",
              "klavierstück", "piano music"),
    moods=("sad", "calm", "dreamy", "warm"),
    tempo_range=(60.0, 74.0, 92.0),
    modes=("major", "minor", "minor"),
    progressions={
        "major A": ("I | V^3 | vi | IV", "Iadd9 | iii7 | IVmaj7 | V7", "I | vi7 | ii7 | V7"),
        "major B": ("vi | iii | IV | I^3", "IV | V^3 | I^3 | ii7 V7", "IVmaj7 | iv6 | I | V7/ii V7"),
        "minor A": ("i | bVI | bIII | bVII", "i | v^3 | bVImaj7 | V7", "i | iv | bVII | bIIImaj7"),
        "minor B": ("bVImaj7 | bVII | bIII^3 | iv7", "iv | bVII | bIIImaj7 | bVI V7"),
        "minor C": ("bIIImaj7 | bVII^3 | iv7 | V7sus4 V7",),
    },
    parts=(
        Part("left hand", "harmony", "piano", comping.left_hand(0.5), -19.0, pan=-0.1, reverb=0.3,
             timing_jitter_ms=12.0),
        Part("right hand", "melody", "piano", melody_part(74, strength=0.66, legato=1.05), -18.5, pan=0.05, reverb=0.3,
             delay_ms=10.0, timing_jitter_ms=12.0),
        Part("chords", "harmony", "piano", comping.sustained(velocity=0.42, spread=0.06), -24.5, reverb=0.2,
             min_energy=0.55, timing_jitter_ms=10.0),
    ),
    key_changes=(5, 3, 8),
    line_up={
        "chords": ("piano", "-"),
    },
    chromatic_chords=("applied", "borrowed", "mediant"),
    chromaticism=0.2,
    presence_db=3.5,
    repeated_tones=0.7,
    form=Form(("intro", "A", 0.3), (("verse", "A", 0.42), ("chorus", "B", 0.64), ("verse", "A", 0.48),
              ("bridge", "C", 0.38), ("chorus", "B", 0.7)), ("outro", "A", 0.3)),
    energy=0.35,
    reverb=(2.3, 6000.0),
    bus_compression=0.8,
    treble_db=7.5,
    titles=("Letter to Nobody", "The Blue Room", "Waltz Without a Partner"),
    ritardando=0.16,
    reharmonisation=0.18,
    cadence=("ii7 V7", "iv V7"),
)  # fmt: skip
