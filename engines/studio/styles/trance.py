"""Trance: a long build, off-beat bass, plucks in sixteenth notes, a breakdown with the anthem, saws at the drop."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CLAP, HAT, KICK, OPEN_HAT, RIDE, SHAKER, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style
from engines.studio.theory import arpeggios

DRUMS = (
    Groove({SHAKER: ("x.o.x.o.x.o.x.oo",), HAT: ("..o...x...o...x.",)}),
    Groove({KICK: ("X...X...X...X...",), HAT: ("..x...x...x...xo",), SHAKER: ("o.g.o.g.o.g.o.gg",)}, min_energy=0.42),
    Groove({
        KICK: ("X...X...X...X...", "X...X...X...X..?"),
        CLAP: ("....x.......x...", "....x.......x..g"),
        OPEN_HAT: ("..X...x...X...x.",),
        HAT: ("o.g.o.g.o.g.o.go", "o.g.o.gog.o.g.og"),
        RIDE: ("................", "................", "..o...o...o...o.", "..o...o...o...o."),
    }, min_energy=0.64),
)  # fmt: skip
LOW = "..xx..xx..xx..xx ..xx.xx...xx..xo"

STYLE = Style(
    key="trance",
    name="Trance",
    keywords=("trance", "uplifting trance", "progressive trance", "psytrance", "goa", "anthem trance"),
    moods=("energetic", "dreamy", "epic", "happy"),
    tempo_range=(130.0, 136.0, 142.0),
    modes=("minor", "minor", "minor", "major"),
    progressions={
        "major A": ("Iadd9 | V^3 | vi7 | IVmaj9", "Iadd9 | IVadd9 | vi7 | V9sus4"),
        "major B": ("IVmaj9 | V9sus4 | vi9 | Iadd9",),
        "minor A": ("iadd9 | bVIadd9 | bIIIadd9 | bVII",
                    "iadd9 | bVIIadd9 | bVImaj7 | bVII",
                    "iadd9 | bVImaj7 | ivadd9 | v7"),
        "minor B": ("bVImaj7 | bVIIadd9 | iadd9 | bIIImaj7",
                    "bVIadd9 | bVIIadd9 | v7 | iadd9",
                    "iv7 | bVImaj7 | bIIIadd9 | bVII"),
        "minor C": ("bVImaj9 | bVIIadd9 | i9 | v7", "bVImaj7 | bIIIadd9 | bVII | iv9"),
    },
    parts=(
        Part("drums", "drums", "kit_909", drum_part(DRUMS, "roll"), -22.5, reverb=0.1, timing_jitter_ms=2.2),
        Part("bass", "bass", "synth_bass", bass.pattern(LOW, (0, 0, 0, 0, 0, 12, 0, 0)), -22.5, reverb=0.0,
             effects=("duck",), min_energy=0.42, timing_jitter_ms=2.0),
        Part("plucks", "harmony", "pluck", comping.arpeggio(0.25, order="updown", velocity=0.6,
             gates=arpeggios.GATE_MASKS), -22.0, pan=0.25, reverb=0.2, delay=0.32, timing_jitter_ms=3.0),
        Part("saws", "harmony", "supersaw", comping.stabs("X..x..x...x..x..", "X..x..x.x..x..x.", length=0.9), -20.5,
             reverb=0.28, delay=0.15, effects=("mellow", "ensemble", "duck"), min_energy=0.62, timing_jitter_ms=3.0),
        Part("choir", "texture", "choir", comping.sustained(velocity=0.5), -26.0, reverb=0.5),
        Part("pad", "texture", "warm_pad", comping.sustained(velocity=0.5), -24.0, reverb=0.4, effects=("pump",)),
        Part("anthem", "melody", "lead", melody_part(76, strength=0.76), -20.0, pan=-0.08, reverb=0.3, delay=0.35,
             effects=("ensemble",), min_energy=0.66, timing_jitter_ms=5.0),
        Part("first light", "melody", "piano", melody_part(76, density=0.9, strength=0.6), -23.5, pan=0.1, reverb=0.4,
             delay=0.3, min_energy=0.3, max_energy=0.5, timing_jitter_ms=8.0),
        Part("riser", "texture", "riser", comping.riser(beats=8.0), -30.0, reverb=0.25),
        Part("impact", "texture", "impact", comping.impact(), -29.0, reverb=0.4, min_energy=0.7),
    ),
    key_changes=(3, 2),
    line_up={
        "plucks": ("pluck", "bells"), "choir": ("choir", "-"), "pad": ("warm_pad", "strings"),
        "anthem": ("lead", "supersaw"), "first light": ("piano", "soft_lead"),
    },
    chromatic_chords=("borrowed", "mediant"),
    chromaticism=0.1,
    lift=0.2,
    form=Form(("intro", "A", 0.5), (("groove", "A", 0.64), ("breakdown", "C", 0.36), ("drop", "B", 0.9),
              ("groove", "A", 0.7), ("drop", "B", 0.94)), ("outro", "A", 0.5)),
    energy=0.72,
    reverb=(2.6, 7500.0),
    titles=("Above the Weather", "Northern Line", "Six in the Morning"),
    reharmonisation=0.08,
    cadence=("IV V", "bVI bVII"),
)  # fmt: skip
