"""Ambient: slow pads, distant bells and wind; no drums, few and slow changes."""

from engines.studio.composing import bass, comping
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="ambient",
    name="Ambient",
    keywords=("ambient", "soundscape", "new age", "space ambient"),
    moods=("calm", "dreamy", "sad"),
    tempo_range=(54.0, 64.0, 76.0),
    modes=("lydian", "major", "dorian", "minor"),
    progressions={
        "major A": ("Imaj9 | Imaj9 | IVmaj9 | IVmaj9", "Iadd9 | iii7 | IVmaj9 | Imaj9", "Imaj9 | II^3 | vi9 | IVmaj9"),
        "major B": ("vi9 | vi9 | IVmaj9 | V9sus4", "ii9 | iv6 | Imaj9 | Imaj9"),
        "minor A": ("i9 | i9 | bVImaj9 | bVImaj9", "i11 | bVImaj7 | iv9 | i9"),
        "minor B": ("bIIImaj9 | bVII9sus4 | iv9 | iv9", "bVImaj9 | bVIIadd9 | i9 | i9"),
    },
    parts=(
        Part("pad", "harmony", "warm_pad", comping.sustained(velocity=0.55, overlap=0.8), -21.0, reverb=0.5,
             effects=("chorus",)),
        Part("glass", "texture", "glass_pad", comping.sustained(shift=12, velocity=0.5, overlap=0.8), -25.0, reverb=0.6,
             min_energy=0.35),
        Part("choir", "harmony", "choir", comping.sustained(velocity=0.5, overlap=0.8), -25.0, reverb=0.6,
             min_energy=0.5),
        Part("low", "bass", "sub_bass", bass.sustained(36.0, velocity=0.55), -25.0, reverb=0.0),
        Part("bells", "melody", "bells", melody_part(76, density=0.9, strength=0.5), -23.5, pan=0.2, reverb=0.6,
             delay=0.4, min_energy=0.25, timing_jitter_ms=25.0),
        Part("harp", "harmony", "harp", comping.arpeggio(0.5, order="wide", velocity=0.45), -26.5, pan=-0.3, reverb=0.5,
             delay=0.3, min_energy=0.42, timing_jitter_ms=15.0),
        Part("air", "texture", "air", comping.drone(pitch=57), -32.0, reverb=0.3, effects=("air",)),
    ),
    line_up={
        "pad": ("warm_pad", "strings"), "choir": ("choir", "humming", "-"),
        "bells": ("bells", "piano", "vibraphone", "electric_piano"), "harp": ("harp", "piano", "nylon_guitar", "-"),
        "glass": ("glass_pad", "strings", "-"),
    },
    chromatic_chords=("mediant", "borrowed"),
    chromaticism=0.15,
    form=Form(("opening", "A", 0.25), (("drift", "A", 0.38), ("swell", "B", 0.58), ("drift", "A", 0.42)),
              ("outro", "A", 0.28)),
    energy=0.25,
    reverb=(4.2, 5000.0),
    bus_compression=0.2,
    treble_db=8.0,
    titles=("Tidal", "Snowfield", "First Light"),
    reharmonisation=0.2,
    cadence=("IVmaj9", "bVImaj9"),
    melody_feel="calm",
)  # fmt: skip
