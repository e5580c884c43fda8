"""Synthwave (about 1985): a bass in eighth notes, gated snare, wide saw pads and a bright lead."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.oo",), KICK: ("X.......x.......",)}),
    Groove({KICK: ("X.......X.......",), SNARE: ("....X.......X...",), HAT: ("x.o.x.o.x.o.x.o.",)}, min_energy=0.42),
    Groove({
        KICK: ("X.......X.x.....", "X.....x.X.......", "X.......X.x...?."),
        SNARE: ("....X.......X...",),
        HAT: ("xoxgxoxgxoxgxoxo", "xoxgxoxgxoxgx.x."),
        OPEN_HAT: ("..............x.", "................"),
        TAMBOURINE: ("..o...o...o...o.",),
    }, min_energy=0.6),
)  # fmt: skip
LOW = "X.x.xxx.x.x.X.xo X.x.x.xxx.X.x.x."

STYLE = Style(
    key="synthwave",
    name="Synthwave",
    keywords=("synthwave", "retrowave", "outrun", "80s synth"),
    moods=("energetic", "dreamy", "epic"),
    tempo_range=(84.0, 104.0, 118.0),
    modes=("minor", "minor", "major", "dorian"),
    progressions={
        "major A": ("Iadd9 | vi7 | IVmaj7 | V", "I | iii7 | IVadd9 | V7sus4"),
        "major B": ("IVadd9 | V | vi7 | I^3", "vi7 | IVadd9 | I | V"),
        "minor A": ("iadd9 | bVImaj7 | bIII | bVII", "iadd9 | bVImaj7 | iv7 | v7", "i | bVII | bVImaj7 | bVII"),
        "minor B": ("bVImaj7 | bVII | iadd9 | bIII^3", "bVI | bVII | i7 | V7sus4 V7"),
        "minor C": ("iv7 | iadd9 | bVImaj7 | V7sus4",),
    },
    parts=(
        Part("drums", "drums", "gated_kit", drum_part(DRUMS, "toms"), -22.0, reverb=0.16, timing_jitter_ms=2.5),
        Part("bass", "bass", "synth_bass", bass.pattern(LOW, (0, 0, 0, 0, 12, 0, 0, 0)), -21.0, reverb=0.0,
             effects=("duck",), min_energy=0.4, timing_jitter_ms=2.0),
        Part("saws", "harmony", "supersaw", comping.sustained(velocity=0.6), -23.5, reverb=0.3, effects=("ensemble",
             "pump"), min_energy=0.5),
        Part("arp", "harmony", "pluck", comping.arpeggio(0.25, order="updown", shift=12, velocity=0.6), -24.5, pan=0.3,
             reverb=0.18, delay=0.28, min_energy=0.3, timing_jitter_ms=2.0),
        Part("pad", "texture", "glass_pad", comping.sustained(velocity=0.5), -28.0, reverb=0.4, effects=("chorus",)),
        Part("tune", "melody", "lead", melody_part(74, density=0.95, strength=0.75), -21.5, pan=-0.08, reverb=0.25,
             delay=0.32, min_energy=0.6, timing_jitter_ms=5.0),
        Part("riser", "texture", "riser", comping.riser(beats=4.0), -33.0, reverb=0.2),
    ),
    key_changes=(3, 2),
    line_up={
        "saws": ("supersaw", "stab"), "arp": ("pluck", "bells", "chip_pulse"),
        "pad": ("glass_pad", "warm_pad", "strings"), "tune": ("lead", "soft_lead", "sax"), "riser": ("riser", "-"),
    },
    chromatic_chords=("borrowed", "mediant"),
    chromaticism=0.18,
    presence_db=3.5,
    form=Form(("intro", "A", 0.45), (("verse", "A", 0.55), ("chorus", "B", 0.82), ("verse", "A", 0.62),
              ("chorus", "B", 0.86), ("bridge", "C", 0.45)), ("outro", "A", 0.48)),
    energy=0.6,
    reverb=(2.2, 7500.0),
    bus_compression=0.6,
    treble_db=-1.5,
    titles=("Coast Highway", "Chrome Sunset", "Neon Mile"),
    reharmonisation=0.12,
    cadence=("V7sus4 V7", "bVII V7"),
)  # fmt: skip
