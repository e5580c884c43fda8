"""Reggae and dub: one drop on the third beat, skank on the off-beats, heavy bass, dub delays."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("x.o.x.o.x.o.x.o.",), RIM: ("........x..?....", "..?.....x.....x.")}),
    Groove({
        KICK: ("........X.......", "........X.....?."),
        RIM: ("........X..o....", "...o....X.......", "........X.....o."),
        HAT: ("x.xgx.x.x.xgx.x.", "x.x.x.xgx.x.x.xo"),
    }, min_energy=0.4),
    Groove({
        KICK: ("X...x...X...x...", "X...x...X...x..g"),
        SNARE: ("........X.......", "........X..g..o."),
        HAT: ("x.xgx.xgx.xgx.xg",),
        OPEN_HAT: ("................", "..............x."),
        SHAKER: ("o.g.o.g.o.g.o.g.",),
    }, min_energy=0.66),
)  # fmt: skip

STYLE = Style(
    key="reggae",
    name="Reggae",
    keywords=("reggae", "dub", "roots reggae", "dub reggae"),
    moods=("warm", "happy", "calm"),
    tempo_range=(66.0, 74.0, 84.0),
    modes=("major", "minor", "dorian"),
    progressions={
        "major A": ("I | IV | I | V", "I | ii | I | ii", "I | V | ii | IV"),
        "major B": ("IV | iii | ii | V", "vi | ii | IV | V"),
        "minor A": ("i7 | i7 | iv7 | iv7", "i | bVII | i | bVII", "i7 | iv7 | v7 | i7"),
        "minor B": ("bVI | bVII | i | i", "iv7 | v7 | i7 | i7"),
    },
    parts=(
        Part("drums", "drums", "acoustic_kit", drum_part(DRUMS, "toms", crash=False), -18.5, reverb=0.16, delay=0.06,
             delay_ms=4.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X..x..x...x.xo..", (0, 0, 7, 0, 12, 7, 0, 4), 36.0,
             length=0.85), -20.5, reverb=0.0, effects=("dark", "warmth"), min_energy=0.36, delay_ms=8.0),
        Part("skank", "harmony", "muted_guitar", comping.stabs("....X.......X...", "....X.......X.o.", shift=12,
             length=0.4, top_notes=3), -23.0, pan=-0.4, reverb=0.16, delay=0.12, effects=("bright",)),
        Part("bubble", "harmony", "organ", comping.stabs("..oxx.o...oxx.o.", "..o.x.o...oxx.oo", length=0.6), -22.0,
             pan=0.35, reverb=0.1, effects=("mellow",), min_energy=0.44),
        Part("piano", "harmony", "piano", comping.stabs("....x.......x...", length=0.35), -24.5, pan=0.15, reverb=0.12,
             min_energy=0.5),
        Part("melodica", "melody", "melodica", melody_part(72, density=0.75, strength=0.66, legato=0.8), -22.0,
             pan=-0.1, reverb=0.3, delay=0.55, min_energy=0.42, delay_ms=12.0, timing_jitter_ms=12.0),
        Part("brass", "melody", "brass", melody_part(67, density=0.6, strength=0.7, legato=0.55), -25.0, pan=0.2,
             reverb=0.25, delay=0.2, min_energy=0.66, timing_jitter_ms=9.0),
        Part("echo chord", "texture", "stab", comping.stabs("....x...........", "................", length=0.3), -27.0,
             pan=0.5, reverb=0.35, delay=0.9, min_energy=0.4),
    ),
    line_up={
        "skank": ("muted_guitar", "piano"), "bubble": ("organ", "clavinet"), "piano": ("piano", "-"),
        "melodica": ("melodica", "sax", "flute"), "brass": ("brass", "trumpet", "-"), "echo chord": ("stab", "-"),
    },
    chromatic_chords=("borrowed", "applied"),
    chromaticism=0.2,
    form=Form(("intro", "A", 0.4), (("verse", "A", 0.54), ("chorus", "B", 0.74), ("dub", "A", 0.42),
              ("verse", "A", 0.58)), ("outro", "A", 0.44)),
    energy=0.52,
    swing=0.56,
    swing_grid=0.25,
    reverb=(1.9, 5500.0),
    bus_compression=0.7,
    treble_db=5.0,
    titles=("Harbour Sound", "Eastern Hill", "Version Seven"),
    reharmonisation=0.05,
    cadence=("IV V", "iv7 v7"),
    melody_feel="syncopated",
)  # fmt: skip
