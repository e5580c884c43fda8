"""Salsa: 2-3 son clave, conga and bass tumbao, a piano montuno in octaves, bells, trumpets in thirds."""

from engines.studio.composing import comping, figures
from engines.studio.composing.drums import (
    CLAVES,
    CONGA,
    CONGA_SLAP,
    COWBELL,
    HIGH_BONGO,
    KICK,
    LONG_GUIRO,
    LOW_BONGO,
    LOW_CONGA,
    SHAKER,
    SHORT_GUIRO,
    Groove,
    drum_part,
)
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel
from engines.studio.model.style import Form, Part, Style

CLAVE = ("..x.x...", "x..x..x.")
CONGAS = {
    CONGA_SLAP: ("..X...o.", "..X....."),
    CONGA: ("......xx",),
    LOW_CONGA: ("........", "...x...."),
}  # fmt: skip
DRUMS = (
    Groove({CLAVES: CLAVE, SHAKER: ("xoxoxoxo",), CONGA: ("......xx",), CONGA_SLAP: ("..x.....",)}),
    Groove({
        CLAVES: CLAVE,
        **CONGAS,
        HIGH_BONGO: ("xoxoxoxo", "xoxoxxxo"),
        LOW_BONGO: ("......x.",),
        LONG_GUIRO: ("X...X...",),
        SHORT_GUIRO: ("..xx..xx",),
        SHAKER: ("xoxoxoxo",),
    }, min_energy=0.4),
    Groove({
        KICK: ("........", "...x...."),
        CLAVES: CLAVE,
        **CONGAS,
        COWBELL: ("X.xoX.xo", "X.xoX.xx"),
        LONG_GUIRO: ("X...X...",),
        SHORT_GUIRO: ("..xx..xx",),
        HIGH_BONGO: ("...x....", ".....xx."),
        SHAKER: ("xoxoxoxo",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="salsa",
    name="Salsa",
    keywords=("salsa", "salsa dura", "salsa romántica", "salsa romantica", "salsa music"),
    moods=("energetic", "happy", "warm"),
    tempo_range=(164.0, 184.0, 208.0),
    modes=("minor", "major", "harmonic minor"),
    progressions={
        "major A": ("I6 | I6 | V7 | V7", "I6 | VI7 | ii7 | V7", "Imaj7 | IV6 | V7 | IV6"),
        "major B": ("IVmaj7 | V7 | iii7 | VI7b9", "ii7 | V7 | Imaj7 | VI7b9"),
        "minor A": ("i7 | iv7 | V7b9 | i7", "i6 | i6 | V7 | V7", "i7 | bVII7 | bVImaj7 | V7b9"),
        "minor B": ("iv7 | bVII7 | bIIImaj7 | bVImaj7", "ii7b5 | V7b9 | i7 | i7"),
        "minor C": ("i7 | V7b9 | i7 | V7b9",),
    },
    parts=(
        Part("percussion", "drums", "latin_kit", drum_part(DRUMS, "none", crash=False), -21.0, reverb=0.14,
             timing_jitter_ms=6.0),
        Part("bass", "bass", "upright_bass", figures.tumbao(36.0), -20.5, reverb=0.04, effects=("warmth",)),
        Part("piano", "harmony", "piano", figures.montuno(velocity=0.72), -20.5, pan=-0.28, reverb=0.12,
             effects=("bright",), timing_jitter_ms=7.0),
        Part("mambo", "harmony", "brass", comping.stabs("..x...x.", "x..x....", "......xx", ".......", velocity=0.78,
             length=0.5), -22.5, pan=0.3, reverb=0.2, min_energy=0.62, timing_jitter_ms=9.0),
        Part("trumpets", "melody", "trumpet", in_parallel(melody_part(72, strength=0.74, density=0.9, legato=0.85)),
             -20.5, pan=0.18, reverb=0.2, min_energy=0.44, timing_jitter_ms=10.0),
        Part("flute", "melody", "flute", melody_part(81, strength=0.66, density=0.7), -23.0, pan=-0.15, reverb=0.24,
             max_energy=0.56, timing_jitter_ms=10.0),
        Part("coro", "texture", "choir", comping.stabs("x...x...", "x..x....", velocity=0.6, length=0.8), -26.0,
             pan=0.1, reverb=0.3, min_energy=0.66),
    ),
    key_changes=(5,),
    line_up={
        "trumpets": ("trumpet", "trumpet", "sax"), "flute": ("flute", "violin"), "coro": ("choir", "-"),
        "bass": ("upright_bass", "electric_bass"), "piano": ("piano", "piano", "electric_piano"),
    },
    chromatic_chords=("applied",),
    chromaticism=0.15,
    approaches=0.25,
    presence_db=0,
    form=Form(("intro", "A", 0.44), (("verse", "A", 0.54), ("chorus", "B", 0.7), ("montuno", "C", 0.78),
              ("mambo", "A", 0.84)), ("outro", "A", 0.6)),
    energy=0.65,
    reverb=(1.2, 6500.0),
    bus_compression=0.35,
    treble_db=0.5,
    titles=("Calle de las Congas", "Sabor a Sal", "La Descarga"),
    reharmonisation=0.05,
    cadence=("V7", "V7b9"),
    melody_feel="syncopated",
)  # fmt: skip
