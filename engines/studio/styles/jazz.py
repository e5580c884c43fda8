"""Jazz trio: piano, walking bass and brushes; head, solos in eighths, head."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import KICK, PEDAL, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

WALTZ = {
    RIDE: ("x...x.o.x...", "x...x.o.x.o.", "x...x...x.o."),
    PEDAL: ("....x.......", "....x...g..."),
    KICK: ("o...........", "o.......?...", "o...........", "o......g...."),
    SNARE: ("..?.....g...", "......g...?.", "..g.........", "......?.g.g."),
}
DRUMS = (
    Groove({RIDE: ("x...x...x...x...",), PEDAL: ("....x.......x...",)}),
    Groove({
        RIDE: ("x...x.o.x...x.o.", "x...x.o.x.o.x.o.", "x...x...x...x.o."),
        PEDAL: ("....x.......x...",),
        KICK: ("g...g...g...g...", "g...g...g..?g..."),
        SNARE: ("..?...g.....?...", "......?...g...?.", "..g.......?...g."),
    }, min_energy=0.4, metre_patterns={"3/4": WALTZ}),
    Groove({
        RIDE: ("X...x.x.X...x.x.", "X...x.x.X.o.x.x."),
        PEDAL: ("....X.......X...",),
        KICK: ("o...g.?.o...g.?.", "o..?g...o...g.?."),
        SNARE: ("..o...g...?.o...", "g.....o.....?.o.", "..?.g...o.....g."),
    }, min_energy=0.62, metre_patterns={"3/4": {**WALTZ, RIDE: ("X...x.x.x.o.", "X...x.x.x.x.", "X.o.x.x.x...")}}),
)  # fmt: skip

STYLE = Style(
    key="jazz",
    name="Jazz trio",
    keywords=("jazz trio", "jazz", "swing", "bebop", "cool jazz", "jazz club", "piano trio", "jazz music"),
    moods=("warm", "happy", "calm"),
    tempo_range=(96.0, 132.0, 184.0),
    modes=("major", "major", "minor", "dorian"),
    progressions={
        "major A": ("Imaj9 | bIIImaj9 | ii9 | V13 | iii7 | VI7b9 | ii9 | V13",
                    "Imaj9 | vi9 | ii9 | V13 | iii7 | VI7b9 | ii9 | V13",
                    "Imaj9 | Imaj9 | ii9 | V13 | Imaj9 | IVmaj9 | iii7 VI7b9 | ii9 V13",
                    "ii9 | V13 | Imaj9 | IVmaj9 | vii7b5 | III7b9 | vi9 | VI7b9"),
        "major B": ("v9 | I13 | IVmaj9 | IVmaj9 | iv9 | bVII13 | iii7 VI7b9 | ii9 V13",
                    "III7 | III7 | VI9 | VI9 | II9 | II9 | ii9 | V13"),
        "minor A": ("i69 | ii7b5 V7b9 | i69 | i9 | iv9 | bVII13 | bIIImaj9 | ii7b5 V7b9",
                    "i9 | bVImaj7 | ii7b5 | V7#9 | i9 | iv9 | ii7b5 V7b9 | i69"),
        "minor B": ("iv9 | bVII13 | bIIImaj9 | bVImaj9 | ii7b5 | V7b9 | i9 | ii7b5 V7#9",),
    },
    parts=(
        Part("drums", "drums", "brush_kit", drum_part(DRUMS, "snare", crash=False), -21.0, reverb=0.24),
        Part("bass", "bass", "upright_bass", bass.walking(), -23.0, reverb=0.06, min_energy=0.3, timing_jitter_ms=7.0),
        Part("left hand", "harmony", "piano", comping.stabs("x.....x.........", "......x.....x...", "x.........o.....",
             "...?..x...?.....", velocity=0.5, length=0.92, is_riff=False), -21.5, pan=-0.35, reverb=0.24,
             timing_jitter_ms=8.0),
        Part("right hand", "melody", "piano", melody_part(74, strength=0.72, density=0.95, legato=0.9), -19.5, pan=0.2,
             reverb=0.15, min_energy=0.36, delay_ms=8.0, timing_jitter_ms=9.0),
    ),
    key_changes=(5, 3),
    line_up={
        "drums": ("brush_kit", "brush_kit", "acoustic_kit"),
        "left hand": ("piano", "piano", "electric_piano", "vibraphone", "electric_guitar"),
        "right hand": ("=left hand",),
    },
    chromatic_chords=("tritone", "applied", "diminished"),
    chromaticism=0.2,
    approaches=0.4,
    presence_db=1,
    repeated_tones=0.4,
    form=Form(("intro", "A", 0.42), (("head", "A", 0.5), ("bridge", "B", 0.58), ("solo", "C", 0.74),
              ("solo", "A", 0.7), ("head", "A", 0.56)), ("outro", "A", 0.46)),
    swing=0.63,
    reverb=(1.2, 6500.0),
    bus_compression=0.25,
    treble_db=-3.5,
    titles=("Two Flights Up", "Blue Umbrella", "Walking Home"),
    ritardando=0.08,
    reharmonisation=0.2,
    cadence=("ii9 V13", "ii7b5 V7b9"),
    melody_feel="bebop",
)  # fmt: skip
