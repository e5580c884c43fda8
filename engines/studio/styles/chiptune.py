"""Chiptune: square waves, fast broken chords, a triangle for the bass and noise for the drums."""

from engines.studio import bass, comping
from engines.studio.melody import singer
from engines.studio.rhythm import HAT, KICK, SNARE, Groove, drummer
from engines.studio.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({KICK: ("X...x...X...x...",), SNARE: ("....X.......X...",), HAT: ("..x...x...x...x.",)}, enters=0.42),
    Groove(
        {
            KICK: ("X..x..x.X...x...", "X.....x.X..x..x."),
            SNARE: ("....X.......X..o", "....X..g....X.xx"),
            HAT: ("xoxoxoxoxoxoxoxo",),
        },
        enters=0.62,
    ),
)
LOW = "X.x..x.xX.xo.x.o X.xo.x.xx.X..xxo"

STYLE = Style(
    key="chiptune",
    name="Chiptune",
    words=("chiptune", "8-bit", "8 bit", "8bit", "chip music", "video game", "arcade", "retro game", "16-bit"),
    moods=("happy", "energetic"),
    tempo=(120.0, 144.0, 168.0),
    modes=("major", "major", "minor"),
    progressions={
        "major": {
            "A": ("I | V^3 | vi | IV", "I | IV | V | I", "Imaj7 | III7 | vi7 | IV V"),
            "B": ("IV | V | iii | vi", "bVI | bVII | I | I", "ii7 | V7 | I | VI7"),
        },
        "minor": {
            "A": ("i | bVII | bVI | V", "i | iv | bVII | bIII"),
            "B": ("bVI | bVII | i | i", "iv | bVII | bIII | bVI V"),
        },
    },
    parts=(
        Part("drums", "drums", "kit_808", drummer(DRUMS, "roll", crash=False), -23.5, reverb=0.03, loose=1.5),
        Part("bass", "bass", "chip_bass", bass.strip(LOW, (0, 0, 12, 0, 0, 7)), -21.5, reverb=0.0,
             loose=1.5, enters=0.35),
        Part("arp", "harmony", "chip_lead", comping.arpeggio(0.25, order="up", velocity=0.5), -23.0, pan=-0.6,
             reverb=0.06, effects=("mellow",), loose=1.5),
        Part("chords", "harmony", "chip_pulse", comping.stabs("x..x..x.x..x..x.", "x.x...x.x.x...x.", length=0.5),
             -25.0, pan=0.65, reverb=0.06, enters=0.55, loose=1.5),
        Part("tune", "melody", "chip_lead", singer(76, strength=0.78, legato=0.85), -20.5, pan=0.08, reverb=0.1,
             delay=0.16, effects=("mellow",), enters=0.4, loose=2.0),
        Part("second", "texture", "chip_pulse", comping.held(shift=12, velocity=0.4), -30.0, pan=-0.2, reverb=0.12,
             effects=("tremolo",), enters=0.62),
    ),
    form=Form(("intro", "A", 0.46), (("theme", "A", 0.6), ("second theme", "B", 0.78), ("theme", "A", 0.66)),
              ("outro", "A", 0.5)),
    energy=0.65,
    room=(0.7, 7000.0),
    glue=0.3,
    tilt=-1.0,
    titles=("Bonus Stage", "Extra Life"),
    colour=0.08,
    cadence=("IV V7", "bVI V7"),
    tune="flowing",
)  # fmt: skip
