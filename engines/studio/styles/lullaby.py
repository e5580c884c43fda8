"""Lullaby: a music box rocks in 6/8 over harp and soft strings, with a hummed second verse."""

from engines.studio.composing import bass, comping
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

STYLE = Style(
    key="lullaby",
    name="Lullaby",
    keywords=("lullaby", "lullabies", "cradle song"),
    moods=("calm", "dreamy", "warm"),
    tempo_range=(44.0, 52.0, 62.0),
    modes=("major", "major", "lydian"),
    progressions={
        "major A": ("I | iii | IV | I^5", "Iadd9 | ii | V^3 | I",
                    "I | V7sus4 | Iadd9 | V", "Iadd9 | IVmaj7 | I^3 | V7", "I | vi7 | IVmaj7 | V7sus4"),
        "major B": ("IVmaj7 | I^3 | ii7 | V7", "vi7 | iii7 | IVmaj7 | I^5"),
        "minor A": ("iadd9 | bVImaj7 | bIII | bVII", "i | iv7 | bVImaj7 | v7"),
        "minor B": ("bVImaj7 | bIII^3 | iv7 | v7",),
    },
    parts=(
        Part("bass", "bass", "cello", bass.sustained(41.0, 0.5), -24.0, pan=0.12, reverb=0.26, effects=("cello",),
             min_energy=0.24, timing_jitter_ms=12.0),
        Part("harp", "harmony", "harp", comping.arpeggio(0.5, order="wide", velocity=0.5, length=2.0), -21.5, pan=-0.3,
             reverb=0.32, timing_jitter_ms=10.0),
        Part("strings", "harmony", "strings", comping.sustained(velocity=0.42, overlap=0.2), -24.0, pan=0.3, reverb=0.4,
             effects=("mellow",), min_energy=0.26),
        Part("music box", "melody", "music_box", melody_part(84, strength=0.6, legato=1.2), -19.5, pan=0.15,
             reverb=0.34, timing_jitter_ms=10.0),
        Part("humming", "melody", "humming", melody_part(67, strength=0.55, legato=1.02), -22.5, pan=-0.1, reverb=0.4,
             min_energy=0.36, timing_jitter_ms=14.0),
        Part("flute", "texture", "flute", melody_part(76, strength=0.5, density=0.6, legato=1.0), -25.0, pan=0.3,
             reverb=0.4, effects=("mellow",), min_energy=0.42, timing_jitter_ms=13.0),
        Part("bells", "texture", "glockenspiel", comping.stabs("x...............", "................", velocity=0.45,
             shift=24, top_notes=1), -28.0, pan=-0.35, reverb=0.4, min_energy=0.3),
    ),
    key_changes=(5,),
    line_up={
        "harp": ("harp", "nylon_guitar", "piano"), "music box": ("music_box", "glockenspiel"),
        "humming": ("humming", "-"), "flute": ("flute", "clarinet", "-"), "bells": ("glockenspiel", "-"),
        "strings": ("strings", "warm_pad"),
    },
    chromatic_chords=("applied", "borrowed"),
    chromaticism=0.23,
    lift=0.15,
    presence_db=4,
    form=Form(("intro", "A", 0.22), (("verse", "A", 0.3), ("second verse", "B", 0.4), ("verse", "A", 0.34),
              ("second verse", "B", 0.44)), ("outro", "A", 0.2)),
    energy=0.3,
    reverb=(2.4, 5500.0),
    bus_compression=0.3,
    treble_db=3.0,
    titles=("Sleep, Small Boat", "The Moon Has a Pillow", "One Sheep, Two Sheep"),
    ritardando=0.16,
    reharmonisation=0.05,
    cadence=("ii7 V7", "iv7 v7"),
    melody_feel="lilting",
    metre="6/8",
)  # fmt: skip
