"""Punk: three fast chords in down-strokes left and right, a picked bass in eighths, drums that never rest."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import CRASH, HAT, KICK, LOW_TOM, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({KICK: ("X...X...X...X...",), LOW_TOM: ("x.x.x.x.x.x.x.x.",)}),
    Groove({
        KICK: ("X.....X.X.X.....", "X.....X.X.X...X."),
        SNARE: ("....X.......X...", "....X.......X.x."),
        HAT: ("X.x.X.x.X.x.X.x.",),
    }, min_energy=0.44),
    Groove({
        KICK: ("X...X.X.X...X.X.", "X...X.X.X...X..."),
        SNARE: ("..X...X...X...X.", "..X...X...X...Xx"),
        CRASH: ("X.......x.......", "x.......x......."),
        HAT: ("X...X...X...X...",),
    }, min_energy=0.72),
)  # fmt: skip

STYLE = Style(
    key="punk",
    name="Punk",
    keywords=("punk", "punk rock", "punk music", "old school punk", "77 punk", "punk band"),
    moods=("energetic", "happy", "dark"),
    tempo_range=(160.0, 176.0, 200.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I5 | IV5 | V5 | V5", "I5 | V5 | IV5 | IV5", "I5 | I5 | IV5 | V5", "I5 | bVII5 | IV5 | I5"),
        "major B": ("IV5 | V5 | I5 | vi5", "V5 | IV5 | I5 | I5", "vi5 | IV5 | I5 | V5"),
        "minor A": ("i5 | bIII5 | bVII5 | iv5", "i5 | i5 | bVI5 | bVII5", "i5 | bVII5 | bVI5 | V5"),
        "minor B": ("bVI5 | bVII5 | i5 | i5", "iv5 | i5 | V5 | V5"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "snare"), -21.0, reverb=0.1, effects=("drive",),
             timing_jitter_ms=7.0),
        Part("bass", "bass", "picked_bass", bass.pattern("XxXxXxXx", (0,), 36.0, length=0.85), -20.5, reverb=0.0,
             effects=("drive",), min_energy=0.36, timing_jitter_ms=6.0),
        Part("guitar left", "harmony", "driven_guitar", comping.power_chords("XxXxXxXx", "XxXxXxXX", length=0.8), -21.5,
             pan=-0.8, reverb=0.05, effects=("amp", "presence"), timing_jitter_ms=7.0),
        Part("guitar right", "harmony", "driven_guitar", comping.power_chords("XxXxXxXx", "X..xX.Xx", length=0.8),
             -21.5, pan=0.8, reverb=0.05, effects=("amp", "presence"), min_energy=0.5, timing_jitter_ms=9.0),
        Part("lead guitar", "melody", "driven_guitar", melody_part(71, strength=0.82, density=0.8), -21.0, pan=0.1,
             reverb=0.12, effects=("crunch",), min_energy=0.56, timing_jitter_ms=9.0),
        Part("gang vocals", "texture", "choir", comping.stabs("X.......X.......", "X...........x.x.", length=0.4),
             -28.0, reverb=0.15, effects=("drive", "presence"), min_energy=0.8, timing_jitter_ms=14.0),
    ),
    suspensions=0.0,
    line_up={
        "lead guitar": ("driven_guitar", "electric_guitar", "organ"), "gang vocals": ("choir", "-"),
        "guitar right": ("driven_guitar", "-"), "bass": ("picked_bass", "electric_bass"),
    },
    lift=0.15,
    presence_db=-1,
    repeated_tones=0.9,
    form=Form(("intro", "A", 0.48), (("verse", "A", 0.62), ("chorus", "B", 0.88), ("verse", "A", 0.64),
              ("chorus", "B", 0.9), ("breakdown", "A", 0.42)), ("outro", "A", 0.8)),
    energy=0.8,
    reverb=(0.9, 6500.0),
    bus_compression=0.5,
    titles=("No Refunds", "Basement Curfew", "Ninety Seconds"),
    reharmonisation=0.0,
    cadence=("IV V", "bVI bVII"),
    melody_feel="syncopated",
)  # fmt: skip
