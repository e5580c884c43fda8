"""Indie: interlocking clean guitars, a melodic picked bass, a motorik beat, and a glockenspiel over the chorus."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, LOW_TOM, OPEN_HAT, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X.......X.......",), LOW_TOM: ("..x.x.x...x.x.x.",)}),
    Groove({
        KICK: ("X.x.....x.x.....", "X.x.....x.x...x."),
        SNARE: ("....X.......X...",),
        HAT: ("x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.xo"),
    }, min_energy=0.44),
    Groove({
        KICK: ("X.x...x.X.x.....", "X.x...x.X.x...x."),
        SNARE: ("....X..g....X...", "....X.......X.gx"),
        OPEN_HAT: ("x...x...x...x...",),
        LOW_TOM: ("..............xx", "................"),
        TAMBOURINE: ("x.o.x.o.x.o.x.o.",),
    }, min_energy=0.68),
)  # fmt: skip

STYLE = Style(
    key="indie",
    name="Indie",
    keywords=("indie", "indie pop", "indie rock", "indie band", "indie music", "indiepop", "indierock"),
    moods=("happy", "dreamy", "sad", "warm"),
    tempo_range=(110.0, 126.0, 146.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("Imaj7 | iii7 | IVmaj7 | iv6", "Iadd9 | Iadd9 | IVmaj7 | IVmaj7", "vi7 | IVmaj7 | Iadd9 | V^3"),
        "major B": ("IVmaj7 | iii7 | vi7 | Iadd9", "IVadd9 | V | iii7 | vi7", "ii7 | IVadd9 | Iadd9 | Vadd9"),
        "major C": ("iii7 | vi7 | ii7 | IVmaj7",),
        "minor A": ("iadd9 | bIIImaj7 | bVImaj7 | bVI", "i7 | v7 | bVImaj7 | bIII", "bVImaj7 | i7 | bVII | bVII"),
        "minor B": ("bIII | bVII | bVImaj7 | iv7", "iv7 | bVImaj7 | bIII | bVII"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms"), -22.0, reverb=0.14, effects=("warmth",),
             timing_jitter_ms=8.0),
        Part("bass", "bass", "picked_bass", bass.pattern("xxxxxxxx xxxxxxxx", (0, 0, 0, 0, 7, 7, 12, 7), length=0.9),
             -21.5, reverb=0.02, effects=("mellow", "warmth"), min_energy=0.4, timing_jitter_ms=6.0),
        Part("guitar left", "harmony", "electric_guitar", comping.arpeggio(0.5, order="broken", shift=12, velocity=0.64,
             length=1.8), -22.0, pan=-0.6, reverb=0.22, delay=0.15, effects=("twang",)),
        Part("guitar right", "harmony", "electric_guitar", comping.stabs("X..xo.xoX.xo.xxo", "X.xo.xxoX..xo.xo",
             length=0.8, spread=0.015, top_notes=4), -24.0, pan=0.6, reverb=0.14, effects=("crunch", "mellow"),
             min_energy=0.56),
        Part("organ", "texture", "organ", comping.sustained(velocity=0.45), -28.0, pan=0.2, reverb=0.2,
             effects=("dark",), min_energy=0.5),
        Part("lead guitar", "melody", "electric_guitar", melody_part(76, strength=0.7, density=0.9), -21.0, pan=0.15,
             reverb=0.28, delay=0.25, effects=("chorus",), min_energy=0.46, timing_jitter_ms=9.0),
        Part("glockenspiel", "melody", "glockenspiel", melody_part(84, strength=0.55, density=0.8), -27.5, pan=-0.3,
             reverb=0.3, min_energy=0.7, timing_jitter_ms=9.0),
    ),
    key_changes=(5,),
    line_up={
        "guitar left": ("electric_guitar", "steel_guitar"), "organ": ("organ", "warm_pad", "-"),
        "lead guitar": ("electric_guitar", "soft_lead", "trumpet"), "glockenspiel": ("glockenspiel", "vibraphone", "-"),
    },
    chromatic_chords=("borrowed", "applied"),
    chromaticism=0.12,
    approaches=0.15,
    lift=0.15,
    presence_db=-3,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.52), ("chorus", "B", 0.8), ("verse", "A", 0.56),
              ("interlude", "C", 0.4), ("chorus", "B", 0.84)), ("outro", "A", 0.5)),
    energy=0.58,
    reverb=(1.7, 6500.0),
    treble_db=-2.0,
    titles=("Thrift Store Coat", "Kitchen Window", "Bus to Nowhere Special"),
    reharmonisation=0.06,
    cadence=("IV V", "bVI bVII"),
)  # fmt: skip
