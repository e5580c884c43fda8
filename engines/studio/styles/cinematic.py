"""Cinematic orchestra: ostinato strings, broad brass, deep drums, a theme that builds up to a tutti."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, KICK, LOW_TOM, MID_TOM, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X...............", "X...........x...", "X.....x.........", "X.............x.")}, min_energy=0.38),
    Groove({
        KICK: ("X.......x.......", "X.....x.x.......", "X..x....x.....x."),
        LOW_TOM: ("....o.o.....o.oo",),
        MID_TOM: ("..............oo", "................"),
    }, min_energy=0.58),
    Groove({
        KICK: ("X.......X.......", "X.....x.X..x....", "X..x..x.X......."),
        LOW_TOM: ("x.ox.ox.x.ox.oxo", "x.ox.ox.xox.x.x."),
        MID_TOM: ("......x.......xx",),
        SNARE: ("....x.gg....x.gg",),
        RIDE: ("................", "................", "................", "........x......."),
        CRASH: ("X...............", "................", "................", "................"),
    }, min_energy=0.78),
)  # fmt: skip

STYLE = Style(
    key="cinematic",
    name="Cinematic orchestra",
    keywords=(
        "cinematic orchestra", "cinematic", "orchestral", "orchestra", "film score", "epic orchestral", "symphonic",
        "orchestral music",
    ),
    moods=("epic", "dark", "sad", "dreamy"),
    tempo_range=(72.0, 92.0, 112.0),
    modes=("minor", "minor", "dorian", "major"),
    progressions={
        "major A": ("Iadd9 | V^3 | vi7 | IVadd9", "I | IVmaj9 | vi9 | V7sus4", "Imaj9 | iii7 | IVadd9 | iv6"),
        "major B": ("IVmaj7 | V | vi9 | iii7", "bVImaj7 | bVIIadd9 | I | Iadd9", "vi7 | IVadd9 | I^3 | V7sus4"),
        "minor A": ("iadd9 | bVImaj7 | bIIIadd9 | bVII", "i | iv^3 | bVImaj7 | V7", "iadd9 | v^3 | bVImaj7 | iv9"),
        "minor B": ("bVImaj7 | bVIIadd9 | i | bIII^3",
                    "iv9 | i^3 | bVImaj7 | V7sus4",
                    "bVIadd9 | bIII^3 | bVIIadd9 | iv7"),
        "minor C": ("iv7 | bIImaj7 | iadd9 | V7", "bVImaj7 | iv9 | i | V7"),
    },
    parts=(
        Part("drums", "drums", "orchestral_kit", drum_part(DRUMS, "toms"), -19.0, reverb=0.35, timing_jitter_ms=8.0),
        Part("basses", "bass", "cello", bass.sustained(41.0, 0.7), -22.5, reverb=0.12, min_energy=0.3),
        Part("low brass", "bass", "brass", bass.sustained(43.0, 0.8), -25.5, reverb=0.12, min_energy=0.78),
        Part("strings", "harmony", "strings", comping.sustained(velocity=0.6), -22.5, pan=-0.1, reverb=0.4),
        Part("ostinato", "harmony", "staccato_strings", comping.arpeggio(0.25, order="broken", velocity=0.62), -24.0,
             pan=-0.3, reverb=0.25, min_energy=0.5, timing_jitter_ms=7.0),
        Part("harp", "harmony", "harp", comping.arpeggio(0.5, order="updown", velocity=0.5), -26.5, pan=0.35,
             reverb=0.4, max_energy=0.6, timing_jitter_ms=10.0),
        Part("theme", "melody", "horn", melody_part(65, strength=0.72), -21.5, pan=0.15, reverb=0.4, min_energy=0.38,
             timing_jitter_ms=12.0),
        Part("violins", "melody", "strings", melody_part(77, strength=0.75), -23.0, pan=-0.25, reverb=0.4,
             min_energy=0.72, timing_jitter_ms=12.0),
        Part("choir", "texture", "choir", comping.sustained(velocity=0.6), -26.0, reverb=0.5, min_energy=0.7),
        Part("swell", "texture", "riser", comping.riser(beats=4.0), -34.0, reverb=0.4, min_energy=0.5),
        Part("impact", "texture", "impact", comping.impact(), -29.0, reverb=0.4, min_energy=0.72),
    ),
    key_changes=(3, 8, 2),
    line_up={
        "low brass": ("brass", "-"), "ostinato": ("staccato_strings", "-"), "harp": ("harp", "piano"),
        "theme": ("horn", "cello", "violin", "trumpet"), "choir": ("choir", "-"), "swell": ("riser", "-"),
    },
    chromatic_chords=("mediant", "borrowed", "neapolitan"),
    chromaticism=0.13,
    lift=0.25,
    form=Form(("intro", "A", 0.42), (("theme", "A", 0.48), ("build", "B", 0.66), ("climax", "A", 0.9),
              ("bridge", "C", 0.4), ("climax", "B", 0.94)), ("outro", "A", 0.44)),
    energy=0.6,
    reverb=(2.9, 6000.0),
    bus_compression=0.3,
    treble_db=1.5,
    titles=("Kingdom of Salt", "The Crossing"),
    ritardando=0.10,
    reharmonisation=0.1,
    cadence=("IV V", "iv V"),
)  # fmt: skip
