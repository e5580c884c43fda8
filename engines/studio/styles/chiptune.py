"""Chiptune: square waves, fast broken chords, a triangle for the bass and noise for the drums."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style
from engines.studio.theory import arpeggios

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.o.",)}),
    Groove({
        KICK: ("X.....x.X.......", "X..x....X.....x.", "X.....x.X..x....", "X..x..x...x....."),
        SNARE: ("....X.......X...", "....X.......X..g"),
        HAT: ("..x...x...x..x..", "..x...x..xx...x."),
    }, min_energy=0.42),
    Groove({
        KICK: ("X..x..x.X.....x.", "X.....x...x..x..", "X..x..x.X..x....", "X.x...x.X..x..x."),
        SNARE: ("....X.......X..o", "....X..g....X...", "....X.......X..o", "....X..x..x.X.xx"),
        HAT: ("o.x.o.xoo.x.oxo.", "oxo.o.x.o.x.oxox"),
    }, min_energy=0.62),
)  # fmt: skip
LOW = "X..x..x.X.xo..x. X.xo..x.x..X..x. X..x..x.X.xo..x. X..x.x..X..x.xxo"

STYLE = Style(
    key="chiptune",
    name="Chiptune",
    keywords=("chiptune", "8-bit", "8 bit", "8bit", "chip music", "16-bit"),
    moods=("happy", "energetic"),
    tempo_range=(120.0, 144.0, 168.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I | V^3 | vi7 | IVadd9", "Iadd9 | IVmaj7 | V7 | I", "Imaj7 | III7 | vi7 | IV V"),
        "major B": ("IV | V | iii | vi", "bVI | bVII | I | I", "ii7 | V7 | I | VI7"),
        "minor A": ("i | bVII | bVI | V", "i | iv | bVII | bIII"),
        "minor B": ("bVI | bVII | i | i", "iv | bVII | bIII | bVI V"),
    },
    parts=(
        Part("drums", "drums", "kit_808", drum_part(DRUMS, "roll", crash=False), -26.5, reverb=0.03,
             timing_jitter_ms=2.5),
        Part("bass", "bass", "chip_bass", bass.pattern(LOW, (0, 0, 12, 0, 0, 7)), -21.5, reverb=0.0,
             timing_jitter_ms=2.5, min_energy=0.35),
        Part("arp", "harmony", "chip_lead", comping.arpeggio(0.25, order="broken", velocity=0.5,
             gates=arpeggios.GATE_MASKS), -25.0, pan=-0.6, reverb=0.06, effects=("dark",), max_energy=0.76,
             timing_jitter_ms=1.5),
        Part("chords", "harmony", "chip_pulse", comping.stabs("x..x..x.x..x..x.", "x..x...x..x.x...", length=0.85),
             -22.5, pan=0.65, reverb=0.06, effects=("dark",), min_energy=0.5, timing_jitter_ms=1.5),
        Part("tune", "melody", "chip_lead", melody_part(76, strength=0.78, legato=0.85), -20.0, pan=0.08, reverb=0.1,
             delay=0.16, effects=("mellow", "mellow"), min_energy=0.4, timing_jitter_ms=2.0),
        Part("second", "texture", "chip_pulse", comping.sustained(velocity=0.4), -24.0, pan=-0.2, reverb=0.12,
             effects=("dark",), min_energy=0.45),
    ),
    line_up={
        "arp": ("chip_lead", "chip_pulse"), "chords": ("chip_pulse", "-"), "second": ("chip_pulse", "pluck", "-"),
        "tune": ("chip_lead", "chip_lead", "chip_pulse"), "bass": ("chip_bass", "synth_bass"),
    },
    chromatic_chords=("borrowed", "mediant", "applied"),
    chromaticism=0.2,
    approaches=0.2,
    lift=0.25,
    presence_db=4,
    form=Form(("intro", "A", 0.46), (("theme", "A", 0.6), ("second theme", "B", 0.78), ("theme", "A", 0.66)),
              ("outro", "A", 0.5)),
    energy=0.65,
    reverb=(0.7, 7000.0),
    bus_compression=0.3,
    treble_db=-3.0,
    titles=("Bonus Stage", "Extra Life"),
    reharmonisation=0.08,
    cadence=("IV V7", "bVI V7"),
)  # fmt: skip
