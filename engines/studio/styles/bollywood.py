"""Bollywood: tabla in keherwa, tanpura drone, unison strings in octaves, bansuri and sitar answers, a dhol in climaxes.

Ragas are approximated by twelve-tone scales: Kafi by dorian, Khamaj by mixolydian, Asavari by minor.
"""

from engines.studio.composing import bass, comping, figures
from engines.studio.composing.drums import CONGA, HAT, KICK, OPEN_HAT, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

KEHERWA = {
    KICK: ("X.o.....o.......", "X.o.....o.....o."),
    SNARE: ("X...x.....x...x.", "X...x.....x..xx."),
    RIM: ("......x.....x...", "..x...x.....x..."),
    HAT: ("..o..o.o..o..o.o",),
}
DRUMS = (
    Groove({SNARE: ("x...o.....o...o.",), RIM: ("......o.....o...",)}),
    Groove(KEHERWA, min_energy=0.4),
    Groove({
        **KEHERWA,
        OPEN_HAT: ("x.......x.......",),
        CONGA: ("x.......x...x...",),
        TAMBOURINE: ("..x...x...x...x.",),
    }, min_energy=0.62),
)  # fmt: skip
DHOL = (Groove({KICK: ("X.....x.X.....x.",), SNARE: ("x..xx.x.x..xx.x.", "x..xx.x.x.xxx.x.")}),)

STYLE = Style(
    key="bollywood",
    name="Bollywood",
    keywords=("bollywood", "bollywood dance", "bollywood music"),
    moods=("happy", "energetic", "dreamy", "warm"),
    tempo_range=(88.0, 104.0, 124.0),
    modes=("dorian", "mixolydian", "minor"),
    progressions={
        "major A": ("I | bVII | IV | I", "I | I | bVII | I", "I | IV | bVII | I"),
        "major B": ("IV | I | bVII | I", "bVII | IV | v7 | I"),
        "minor A": ("i | bVII | IV | i", "i | i | bVII | v7", "i7 | bIII | bVII | i"),
        "minor B": ("bIII | bVII | i | v7", "IV | bVII | i | i", "bVImaj7 | bVII | i | i"),
    },
    parts=(
        Part("tabla", "drums", "tabla", drum_part(DRUMS, "none", crash=False), -20.5, reverb=0.14,
             timing_jitter_ms=6.0),
        Part("dhol", "drums", "taiko", drum_part(DHOL, "none", crash=False), -24.0, reverb=0.18, min_energy=0.7,
             timing_jitter_ms=6.0),
        Part("bass", "bass", "electric_bass", bass.pattern("X.....x.x.....x.", (0, 0, 7, 0), 36.0, 0.8, length=0.85),
             -21.5, reverb=0.0, effects=("warmth",), min_energy=0.4),
        Part("tanpura", "harmony", "sitar", figures.held_tones(48, 0, 7, 12, velocity=0.4, beats=2.0), -25.0, pan=-0.4,
             reverb=0.3, timing_jitter_ms=20.0),
        Part("harmonium", "harmony", "accordion", comping.sustained(velocity=0.5), -24.0, pan=0.3, reverb=0.2,
             effects=("mellow",)),
        Part("strings", "melody", "strings", in_parallel(melody_part(76, strength=0.72, legato=0.95), -1,
             is_octave=True), -20.5, pan=-0.16, reverb=0.32, min_energy=0.6, timing_jitter_ms=10.0),
        Part("bansuri", "melody", "flute", ornamented(melody_part(76, strength=0.68, legato=1.0), graces=0.5,
             trills=0.1), -20.5, pan=0.16, reverb=0.3, delay=0.12, max_energy=0.7, timing_jitter_ms=11.0),
        Part("sitar", "texture", "sitar", ornamented(melody_part(67, strength=0.7, density=0.6, legato=0.9),
             graces=0.4), -23.0, pan=0.4, reverb=0.2, effects=("bright",), min_energy=0.5, timing_jitter_ms=9.0),
    ),
    suspensions=0.0,
    line_up={
        "dhol": ("taiko", "-"), "harmonium": ("accordion", "organ", "-"), "strings": ("strings", "violin"),
        "bansuri": ("flute", "flute", "clarinet"), "sitar": ("sitar", "-"), "tanpura": ("sitar", "harp"),
    },
    chromatic_chords=("borrowed",),
    chromaticism=0.2,
    presence_db=3.5,
    form=Form(("alap", "A", 0.4), (("mukhda", "A", 0.56), ("interlude", "B", 0.72), ("antara", "B", 0.5),
              ("mukhda", "A", 0.8)), ("outro", "A", 0.46)),
    energy=0.58,
    reverb=(1.8, 6500.0),
    bus_compression=0.4,
    treble_db=5.0,
    titles=("Monsoon Letter", "Juhu, Six O'Clock", "Chandni Raat"),
    ritardando=0.05,
    reharmonisation=0.0,
    cadence=("bVII", "bVII"),
    melody_feel="flowing",
)  # fmt: skip
