"""Samba: surdo on the second beat of 2/4, tamborim teleco-teco, pandeiro and agogô, cavaquinho, a choir."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import (
    HIGH_AGOGO,
    HIGH_BONGO,
    LOW_AGOGO,
    MUTED_SURDO,
    SHAKER,
    SNARE,
    SURDO,
    TAMBOURINE,
    Groove,
    drum_part,
)
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

TELECO = ("x.x.xx.x.x.x.xx.", "x.x.xx.x.xx.x.x.")
SURDOS = {MUTED_SURDO: ("x.......x.......", "x.......x...?..."), SURDO: ("....X.......X...", "....X.......X..o")}
DRUMS = (
    Groove({TAMBOURINE: ("xoxxxoxxxoxxxoxx",), HIGH_BONGO: TELECO}),
    Groove({**SURDOS, TAMBOURINE: ("xoxxxoxxxoxxxoxx",), HIGH_BONGO: TELECO}, min_energy=0.4),
    Groove({
        **SURDOS,
        TAMBOURINE: ("XoxXXoxXXoxXXoxX",),
        SHAKER: ("xgoxxgoxxgoxxgox",),
        HIGH_BONGO: TELECO,
        HIGH_AGOGO: ("x...xx...x...x..", "x..x..x....x.x.."),
        LOW_AGOGO: ("..x....x...x....", ".....x...x......"),
        SNARE: ("g.goggogg.goggog",),
    }, min_energy=0.62),
)  # fmt: skip

STYLE = Style(
    key="samba",
    name="Samba",
    keywords=("samba", "samba enredo", "samba de roda", "samba canção"),
    moods=("happy", "energetic", "warm"),
    tempo_range=(88.0, 100.0, 116.0),
    modes=("major", "major", "minor"),
    progressions={
        "major A": ("I6 | VI7 | ii7 | V7", "Imaj7 | I6 | ii7 | V13", "I6 | #ivdim7 | iii7 | VI7 | ii7 | V7 | I6 | V7"),
        "major B": ("IVmaj7 | iv6 | iii7 | VI7b9", "ii7 | V13 | iii7 | VI7"),
        "minor A": ("i6 | V7b9 | i6 | I7", "i7 | ii7b5 | V7b9 | i7", "i6 | iv7 | V7 | i6"),
        "minor B": ("iv7 | bVII7 | bIIImaj7 | bVImaj7", "iv6 | i6 | ii7b5 | V7b9"),
    },
    parts=(
        Part("batucada", "drums", "latin_kit", drum_part(DRUMS, "none", crash=False), -20.0, reverb=0.16,
             timing_jitter_ms=6.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X..ox..oX..ox..o", (0, 0, 7, 7), 36.0, length=0.85), -22.0,
             reverb=0.04),
        Part("cavaquinho", "harmony", "steel_guitar", comping.stabs("x.x..x.xx.x..x.x", "x.x.xx.x.x.xx.x.", shift=12,
             length=0.6, spread=0.012, top_notes=4), -21.5, pan=-0.34, reverb=0.14, effects=("bright",),
             timing_jitter_ms=6.0),
        Part("guitar", "harmony", "nylon_guitar", comping.arpeggio(0.5, order="wide", velocity=0.62), -22.5, pan=0.3,
             reverb=0.14, timing_jitter_ms=7.0),
        Part("tune", "melody", "clarinet", melody_part(74, strength=0.7, density=0.95), -21.0, pan=0.12, reverb=0.2,
             min_energy=0.42, timing_jitter_ms=9.0),
        Part("trombones", "melody", "brass", melody_part(62, strength=0.72, legato=0.8), -24.0, pan=-0.2, reverb=0.22,
             min_energy=0.7, timing_jitter_ms=9.0),
        Part("coro", "texture", "choir", comping.stabs("x.......x.......", "x..x....x..x....", length=0.85), -25.5,
             reverb=0.3, min_energy=0.64),
    ),
    key_changes=(5,),
    line_up={
        "cavaquinho": ("steel_guitar", "banjo"), "tune": ("clarinet", "flute", "sax"),
        "trombones": ("brass", "trumpet"), "coro": ("choir", "-"),
    },
    chromatic_chords=("applied", "diminished"),
    chromaticism=0.15,
    approaches=0.25,
    presence_db=0,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.54), ("chorus", "B", 0.74), ("verse", "A", 0.6),
              ("batucada", "B", 0.66)), ("outro", "A", 0.5)),
    energy=0.62,
    swing=0.53,
    swing_grid=0.25,
    reverb=(1.3, 6500.0),
    bus_compression=0.3,
    treble_db=2.0,
    titles=("Ladeira Acima", "Quarta-feira", "Roda na Esquina"),
    reharmonisation=0.1,
    cadence=("ii7 V7", "ii7b5 V7b9"),
    melody_feel="syncopated",
    metre="2/4",
)  # fmt: skip
