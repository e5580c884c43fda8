"""Horror: semitone clusters and tremolo strings over low drones, sparse drums, a broken music box, sudden impacts."""

from engines.studio.composing import comping, figures
from engines.studio.composing.drums import KICK, LOW_TOM, RIDE, RIM, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("x...............", "................", "..........o.....", "................")}, min_energy=0.3),
    Groove({
        KICK: ("X..x............", "................", "X..x............", "..............x."),
        LOW_TOM: ("................", "..........x....."),
        RIM: ("......g.........", "................"),
    }, min_energy=0.46),
    Groove({
        KICK: ("X..x....X..x....", "X..x....X..x..x."),
        LOW_TOM: ("......x.......x.", "......x.....xxxx"),
        RIDE: ("................", "........x......."),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="horror",
    name="Horror",
    keywords=("horror", "horror music", "horror score", "scary music"),
    moods=("dark", "sad", "epic"),
    tempo_range=(54.0, 66.0, 84.0),
    modes=("phrygian", "harmonic minor", "minor"),
    progressions={
        "major A": ("I | bVI | I | bII", "I | #ivdim | I | I", "I | i | bVI | bII"),
        "major B": ("bII | I | bVI | I", "bVI | #ivdim | bII | bII"),
        "minor A": ("i | i | #ivdim | i", "i | bIImaj7 | i | bVI", "i | #iv | i | bII", "i | vii7b5 | bvii | i"),
        "minor B": ("#ivdim | i | bII | bII", "bVI | #iv | bII | i", "iv | #ivdim | V7b9 | V7b9"),
        "minor C": ("i | i | i | bII",),
    },
    parts=(
        Part("drums", "drums", "orchestral_kit", drum_part(DRUMS, "none", crash=False), -22.5, reverb=0.5,
             timing_jitter_ms=12.0),
        Part("drone", "bass", "cello", figures.held_tones(36, 0, 1, velocity=0.5), -22.0, pan=0.1, reverb=0.3,
             effects=("cello",), timing_jitter_ms=15.0),
        Part("sub", "bass", "sub_bass", figures.held_tones(33, 0, velocity=0.6), -26.5, reverb=0.0),
        Part("cluster", "harmony", "strings", figures.cluster(shift=5, velocity=0.55), -21.5, pan=-0.3, reverb=0.4,
             timing_jitter_ms=15.0),
        Part("tremolo", "harmony", "staccato_strings", figures.repeated(figures.cluster(shift=12, velocity=0.5), 0.125,
             min_beats=0.5), -24.0, pan=0.38, reverb=0.35, min_energy=0.52, timing_jitter_ms=10.0),
        Part("piano", "harmony", "piano", comping.stabs("x...............", "......x.........", "................",
             shift=-24, velocity=0.7, length=1.0), -23.5, pan=-0.15, reverb=0.4, timing_jitter_ms=12.0),
        Part("music box", "melody", "music_box", melody_part(79, strength=0.55, density=0.7), -24.0, pan=0.3,
             reverb=0.45, delay=0.2, max_energy=0.6, timing_jitter_ms=22.0),
        Part("violin", "melody", "violin", melody_part(83, strength=0.6, legato=1.05, density=0.8), -24.0, pan=-0.2,
             reverb=0.45, effects=("fiddle",), min_energy=0.48, timing_jitter_ms=14.0),
        Part("voices", "texture", "choir", figures.cluster(velocity=0.5), -26.0, reverb=0.55, min_energy=0.56,
             timing_jitter_ms=15.0),
        Part("wind", "texture", "air", comping.drone(52), -29.0, reverb=0.4),
        Part("swell", "texture", "riser", comping.riser(beats=6.0), -29.0, reverb=0.4, min_energy=0.36),
        Part("impact", "texture", "impact", comping.impact(32), -26.0, reverb=0.5, min_energy=0.44),
    ),
    suspensions=0.0,
    line_up={
        "cluster": ("strings", "choir"), "tremolo": ("staccato_strings", "-"), "piano": ("piano", "harpsichord"),
        "music box": ("music_box", "glockenspiel", "bells"), "violin": ("violin", "cello"),
        "voices": ("choir", "humming", "-"), "wind": ("air", "-"),
    },
    approaches=0.3,
    presence_db=1,
    repeated_tones=0.3,
    form=Form(("intro", "A", 0.34), (("approach", "A", 0.48), ("pursuit", "B", 0.72), ("silence", "C", 0.32),
              ("attack", "B", 0.86)), ("outro", "A", 0.34)),
    energy=0.5,
    reverb=(3.4, 5500.0),
    bus_compression=0.2,
    treble_db=3.5,
    titles=("The Door Below", "Footsteps on the Stairs", "Room 9"),
    ritardando=0.06,
    reharmonisation=0.0,
    cadence=("bII", "bII"),
    melody_feel="calm",
)  # fmt: skip
