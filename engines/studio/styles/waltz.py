"""Waltz: Viennese, in 3/4 with a second beat that comes early, violins in octaves over pizzicato bass and horns."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIDE, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

AFTER_BEATS = ".....x............x....."
"""In 24 steps of 4/4: the second beat a sixth of a beat early, then the beat that becomes the third in 3/4."""
DRUMS = (
    Groove({HAT: ("....x.......x...",)}, min_energy=0.5, metre_patterns={"3/4": {HAT: ("....o...o...",)}}),
    Groove({KICK: ("X...............",), SNARE: ("....o.......o...",), RIDE: ("x...............",)}, min_energy=0.7,
           metre_patterns={"3/4": {
               KICK: ("X...........",), SNARE: (".....o..o...", ".....o..o.g."), RIDE: ("x...........", "............"),
           }}),
)  # fmt: skip

STYLE = Style(
    key="waltz",
    name="Waltz",
    keywords=("viennese waltz", "viennese waltzes", "ballroom waltz", "waltz music", "waltz"),
    moods=("happy", "dreamy", "warm"),
    tempo_range=(144.0, 168.0, 186.0),
    modes=("major", "major", "harmonic minor"),
    progressions={
        "major A": ("I | I6 | V7 | V7 | V9 | V7 | I6 | I", "I | I | ii7 | ii7 | V7 | V7 | I6 | I6",
                    "I | I | VI7 | VI7 | ii | V7 | I | V7"),
        "major B": ("V | V | V7/V | V7 | V | V | V7 | V7", "IV | IV | I | I | V7/V | V7/V | V7 | V7",
                    "vi | vi | iii | iii | IV | #ivdim7 | V7 | V7"),
        "minor A": ("i | i | V7 | V7 | V7 | V7 | i | i", "i | i | iv | iv | ii7b5 | V7 | i | i",
                    "i | V7 | i | I7 | iv | i^5 | V7 | i"),
        "minor B": ("bIII | bIII | bVII | bVII | V7 | V7 | i | V7", "bVI | bVI | bIII | bIII | iv | iv | V7 | V7"),
    },
    parts=(
        Part("percussion", "drums", "orchestral_kit", drum_part(DRUMS, "none", crash=False), -24.0, reverb=0.25,
             timing_jitter_ms=8.0),
        Part("basses", "bass", "pizzicato", bass.pattern("X...............", (0, 7), 38.0, 0.8, length=0.5), -19.0,
             pan=0.2, reverb=0.24, effects=("body",), timing_jitter_ms=8.0),
        Part("cellos", "bass", "cello", bass.sustained(40.0, 0.5), -25.0, pan=0.14, reverb=0.25, effects=("cello",),
             min_energy=0.6, timing_jitter_ms=12.0),
        Part("after-beats", "harmony", "staccato_strings", comping.stabs(AFTER_BEATS, velocity=0.62, length=0.35),
             -20.5, pan=0.34, reverb=0.26, timing_jitter_ms=9.0),
        Part("horns", "harmony", "horn", comping.stabs(AFTER_BEATS, velocity=0.55, length=0.4), -24.5, pan=-0.3,
             reverb=0.3, min_energy=0.5, timing_jitter_ms=9.0),
        Part("violins", "melody", "strings", in_parallel(melody_part(79, strength=0.72, legato=1.0), -1,
             is_octave=True), -19.5, pan=-0.24, reverb=0.32, min_energy=0.48, timing_jitter_ms=12.0),
        Part("clarinet", "melody", "clarinet", ornamented(melody_part(74, strength=0.66, legato=0.95), graces=0.2,
             trills=0.15), -21.5, pan=0.16, reverb=0.28, max_energy=0.62, timing_jitter_ms=12.0),
        Part("harp", "texture", "harp", comping.arpeggio(0.5, order="updown", velocity=0.5), -26.0, pan=-0.4,
             reverb=0.34, max_energy=0.7, timing_jitter_ms=9.0),
        Part("flute", "texture", "flute", ornamented(melody_part(86, strength=0.62, density=0.7), graces=0.2,
             trills=0.3), -24.5, pan=0.3, reverb=0.3, min_energy=0.66, timing_jitter_ms=12.0),
    ),
    key_changes=(5, 7),
    line_up={
        "cellos": ("cello", "-"), "horns": ("horn", "-"), "violins": ("strings", "strings", "violin"),
        "clarinet": ("clarinet", "flute"), "harp": ("harp", "-"), "flute": ("flute", "glockenspiel", "-"),
        "basses": ("pizzicato", "upright_bass"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.18,
    approaches=0.2,
    lift=0.4,
    form=Form(("introduction", "A", 0.4), (("first waltz", "A", 0.54), ("second waltz", "B", 0.66),
              ("first waltz", "A", 0.6), ("finale", "B", 0.8)), ("coda", "A", 0.6)),
    energy=0.55,
    reverb=(2.1, 6500.0),
    bus_compression=0.2,
    treble_db=3.5,
    titles=("Chandeliers", "The Blue Staircase", "Last Carriage Home"),
    ritardando=0.1,
    reharmonisation=0.0,
    cadence=("V7", "V7"),
    melody_feel="lilting",
    metre="3/4",
)  # fmt: skip
