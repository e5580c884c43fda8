"""Drum and bass: broken beats at 174, a wide bass underneath at half the speed, pads above."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIDE, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({SHAKER: ("x.o.x.o.x.o.x.oo",), HAT: ("..x...x...x...x.",)}),
    Groove({KICK: ("X.........x.....",), SNARE: ("....X.......X...",), HAT: ("x.x.x.x.x.x.x.x.",)}, min_energy=0.42),
    Groove({
        KICK: ("X.........x.....", "X.x.......x.....", "X.........x...?.", "X.....?...xx...."),
        SNARE: ("....X..g.g..X...", "....X..g.g..X.g.", "....X....g..X..g", "....X..g...gX.g."),
        HAT: ("xoxoxoxoxoxoxoxo",),
        RIDE: ("x...x...x...x...",),
        OPEN_HAT: ("................", "..............x."),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="dnb",
    name="Drum and bass",
    keywords=("drum and bass", "drum & bass", "drum n bass", "dnb", "d&b", "liquid"),
    moods=("energetic", "dreamy"),
    tempo_range=(168.0, 174.0, 178.0),
    modes=("minor", "dorian", "minor"),
    progressions={
        "major A": ("Imaj9 | Imaj9 | vi9 | vi9", "IVmaj9 | IVmaj9 | iii7 | vi9"),
        "major B": ("ii9 | IVmaj9 | vi9 | V9sus4",),
        "minor A": ("i9 | i9 | bVImaj9 | bVImaj9", "i9 | i9 | iv9 | v7", "bVImaj9 | bVII9 | i9 | i9"),
        "minor B": ("iv9 | v7 | i9 | bIIImaj9", "bVImaj9 | bVImaj9 | bVIIadd9 | v7"),
        "minor C": ("bIIImaj9 | bVII9sus4 | iv9 | iv9",),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare"), -21.0, reverb=0.08, effects=("warmth",),
             timing_jitter_ms=2.5),
        Part("bass", "bass", "reese_bass", bass.kick_locked(34.0, busy=0.3, velocity=0.8), -22.0, reverb=0.0,
             effects=("duck", "warmth"), min_energy=0.45, timing_jitter_ms=2.0),
        Part("keys", "harmony", "electric_piano", comping.stabs("X.....x.....x...", "X..x......x.....", length=0.95),
             -22.5, pan=-0.15, reverb=0.25, delay=0.18, effects=("chorus",), timing_jitter_ms=5.0),
        Part("pad", "harmony", "warm_pad", comping.sustained(velocity=0.55), -22.5, reverb=0.4, effects=("pump",)),
        Part("arp", "texture", "pluck", comping.arpeggio(0.5, order="updown", shift=12, velocity=0.5), -28.0, pan=0.35,
             reverb=0.3, delay=0.3, min_energy=0.55),
        Part("tune", "melody", "soft_lead", melody_part(76, strength=0.7, density=0.9), -22.5, pan=0.1, reverb=0.3,
             delay=0.28, min_energy=0.6, timing_jitter_ms=5.0),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -32.0, reverb=0.2),
    ),
    suspensions=0.1,
    line_up={
        "keys": ("electric_piano", "piano", "vibraphone"), "pad": ("warm_pad", "glass_pad", "strings"),
        "arp": ("pluck", "bells", "-"), "tune": ("soft_lead", "flute", "sax"),
        "bass": ("reese_bass", "reese_bass", "sub_bass"),
    },
    chromatic_chords=("borrowed", "tritone"),
    chromaticism=0.1,
    form=Form(("intro", "A", 0.47), (("groove", "A", 0.66), ("drop", "B", 0.88), ("breakdown", "C", 0.36),
              ("drop", "A", 0.9)), ("outro", "A", 0.47), phrase_bars=16),
    energy=0.7,
    reverb=(2.0, 6500.0),
    treble_db=-2.0,
    presence_db=5.0,
    titles=("Undertow", "Slip Road"),
    reharmonisation=0.1,
    cadence=("V9sus4", "v7"),
    melody_feel="calm",
)  # fmt: skip
