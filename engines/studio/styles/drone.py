"""Drone and sleep: two very slow chords, low strings, humming and wind, without clear starts or ends."""

from engines.studio.composing import bass, comping
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="drone",
    name="Drone",
    keywords=("drone", "sleep music", "dark ambient", "soundbath"),
    moods=("calm", "dark", "dreamy"),
    tempo_range=(44.0, 50.0, 58.0),
    modes=("minor", "dorian", "lydian"),
    progressions={
        "major A": ("Iadd9 | Iadd9 | Iadd9 | IVmaj9", "Imaj9 | Imaj9 | vi9 | vi9"),
        "major B": ("IVmaj9 | IVmaj9 | Iadd9 | Iadd9",),
        "minor A": ("i9 | i9 | i9 | iv9", "iadd9 | iadd9 | bVImaj9 | iadd9"),
        "minor B": ("bVImaj9 | bVImaj9 | i9 | i9", "iv9 | iv9 | iadd9 | iadd9"),
    },
    parts=(
        Part("fundament", "bass", "cello", bass.sustained(40.0, 0.5), -23.0, reverb=0.4, effects=("cello",),
             timing_jitter_ms=30.0),
        Part("depth", "bass", "sub_bass", bass.sustained(29.0, 0.5), -28.0, reverb=0.0, timing_jitter_ms=40.0),
        Part("pad", "harmony", "warm_pad", comping.sustained(velocity=0.5, overlap=1.0), -20.5, reverb=0.55,
             effects=("chorus",), timing_jitter_ms=30.0),
        Part("humming", "harmony", "humming", comping.sustained(velocity=0.5, overlap=1.0), -22.0, pan=-0.2, reverb=0.6,
             min_energy=0.2, timing_jitter_ms=40.0),
        Part("glass", "texture", "glass_pad", comping.sustained(shift=12, velocity=0.55, overlap=1.0), -24.0, pan=0.2,
             reverb=0.6, min_energy=0.26, timing_jitter_ms=40.0),
        Part("strings", "texture", "strings", comping.sustained(shift=12, velocity=0.45, overlap=1.0), -26.5,
             reverb=0.6, min_energy=0.34, timing_jitter_ms=40.0),
        Part("bowl", "melody", "singing_bowl", comping.arpeggio(4.0, order="wide", velocity=0.45), -24.0, pan=0.15,
             reverb=0.5, timing_jitter_ms=60.0),
        Part("air", "texture", "air", comping.drone(pitch=62), -29.0, reverb=0.3, effects=("air",)),
    ),
    suspensions=0.0,
    line_up={
        "fundament": ("cello", "organ"), "humming": ("humming", "choir", "-"), "glass": ("glass_pad", "-"),
        "strings": ("strings", "-"), "bowl": ("singing_bowl", "bells"), "pad": ("warm_pad", "strings", "organ"),
    },
    presence_db=2,
    repeated_tones=0.9,
    form=Form(("opening", "A", 0.22), (("drift", "A", 0.3), ("swell", "B", 0.38), ("drift", "A", 0.28)),
              ("outro", "A", 0.22), phrase_bars=16),
    energy=0.16,
    reverb=(5.0, 5500.0),
    bus_compression=0.1,
    treble_db=7.0,
    titles=("Below the Ice", "Long Night", "Slow Breath"),
    reharmonisation=0.0,
    cadence=("IVmaj9", "iv9"),
    melody_feel="calm",
)  # fmt: skip
