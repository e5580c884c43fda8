"""Phonk: a distorted 808 and a tuned cowbell over a drifting beat, dark choir, record crackle, tape saturation."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.x.x.x.x.x.x.x.",), RIM: ("....x.......x...",)}),
    Groove({
        KICK: ("X..X..X...X.....", "X..X..X...X..x.."),
        CLAP: ("....X.......X...",),
        HAT: ("x.x.x.x.x.x.x.x.x.x.x.x.x.x.xxxx", "x.x.x.x.x.x.xxxxx.x.x.x.x.x.x.x."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..X..X..X..X.X.", "X..X..X...X.X..."),
        CLAP: ("....X.......X...",),
        SNARE: ("....X.......X...", "....X.......X.x."),
        HAT: ("xxxxxxxxxxxxxxxx", "x.xxx.xxx.xxxxxx"),
        OPEN_HAT: ("..x...x...x...x.",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="phonk",
    name="Phonk",
    keywords=("phonk", "drift phonk", "phonk beat", "cowbell phonk", "phonk music"),
    moods=("dark", "energetic"),
    tempo_range=(116.0, 128.0, 144.0),
    modes=("minor", "phrygian", "minor"),
    progressions={
        "major A": ("I7 | I7 | bII | I7", "I | bVII | bVI | bVII", "I7 | bVI | I7 | bII"),
        "major B": ("bVI | bVII | I7 | I7",),
        "minor A": ("i | i | bVI | V7", "i7 | i7 | bII | i7", "i | bIII | bII | i"),
        "minor B": ("bVI | V7 | i | i", "iv7 | bVI | V7#9 | i", "bII | bII | i | i"),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "clap", crash=False), -20.5, reverb=0.08,
             effects=("sampler", "drive"), timing_jitter_ms=4.0),
        Part("808", "bass", "sub_bass", bass.kick_locked(34.0, busy=0.1, velocity=0.95), -21.0, reverb=0.0,
             effects=("drive", "drive", "body"), min_energy=0.42, timing_jitter_ms=2.5),
        Part("cowbell", "melody", "cowbell", melody_part(76, strength=0.82, legato=0.7, density=0.95), -20.0, pan=0.06,
             reverb=0.2, delay=0.18, effects=("drive",), min_energy=0.3, timing_jitter_ms=4.0),
        Part("second cowbell", "melody", "cowbell", comping.arpeggio(0.5, order="broken", shift=12, velocity=0.55),
             -26.5, pan=-0.45, reverb=0.25, delay=0.2, effects=("tape",), min_energy=0.66, timing_jitter_ms=4.0),
        Part("choir", "harmony", "choir", comping.sustained(velocity=0.55), -24.0, reverb=0.4, effects=("tape",)),
        Part("piano", "harmony", "piano", comping.stabs("X.....x...x.....", "X...x.....x.x...", length=0.7), -23.5,
             pan=0.3, reverb=0.25, effects=("tape", "dark"), min_energy=0.46),
        Part("crackle", "texture", "vinyl", comping.drone(), -38.0, reverb=0.0),
        Part("impact", "texture", "impact", comping.impact(), -31.0, reverb=0.3, min_energy=0.6),
    ),
    suspensions=0.0,
    line_up={
        "second cowbell": ("cowbell", "-"), "choir": ("choir", "strings"), "piano": ("piano", "bells", "-"),
        "crackle": ("vinyl", "vinyl", "-"), "impact": ("impact", "-"),
    },
    chromatic_chords=("neapolitan", "borrowed"),
    chromaticism=0.13,
    form=Form(("intro", "A", 0.4), (("verse", "A", 0.58), ("drop", "B", 0.84), ("break", "A", 0.4),
              ("drop", "B", 0.88)), ("outro", "A", 0.46)),
    energy=0.66,
    reverb=(1.6, 5500.0),
    bus_compression=0.8,
    treble_db=2.0,
    titles=("Tyre Smoke", "Tunnel Lights", "Redline Ghost"),
    reharmonisation=0.0,
    cadence=("bII", "V7"),
    melody_feel="syncopated",
)  # fmt: skip
