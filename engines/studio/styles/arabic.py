"""Arabic: maqsum on the goblet drum, oud, unison strings in octaves, qanun tremolos and a reed flute over a drone.

Maqamat are approximated by twelve-tone scales, without quarter tones: Hijaz by phrygian dominant, Hijazkar by double
harmonic, Nahawand by harmonic minor, Kurd by phrygian. Rast and Bayati have no such approximation.
"""

from engines.studio.composing import comping, figures
from engines.studio.composing.drums import HAT, KICK, OPEN_HAT, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.composing.ornaments import in_parallel, ornamented
from engines.studio.model.style import Form, Part, Style

MAQSUM = {
    KICK: ("X.......X.......", "X.......X.....?."),
    SNARE: ("..x...x.....x...", "..x...x.....x..o"),
    RIM: ("....g....g..g.gg", "...og....g....go"),
}
BALADI = {KICK: ("X.x.....X.......",), SNARE: ("......x.....X...", "......x..ox.X..."), RIM: ("...og...g..g..gg",)}
DRUMS = (
    Groove({SNARE: ("..x...x.....x...",), KICK: ("o.......o.......",)}, min_energy=0.34),
    Groove({**MAQSUM, HAT: ("x.o.x.o.x.o.x.o.",)}, min_energy=0.44),
    Groove({
        **BALADI,
        HAT: ("xoxoxoxoxoxoxoxo",),
        TAMBOURINE: ("x...x...x...x...",),
        OPEN_HAT: ("......o.......o.",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="arabic",
    name="Arabic",
    keywords=("arabic", "arabic music", "arab music"),
    moods=("warm", "dark", "energetic", "dreamy"),
    tempo_range=(84.0, 100.0, 122.0),
    modes=("phrygian dominant", "phrygian dominant", "double harmonic", "harmonic minor", "phrygian"),
    progressions={
        "major A": ("I5 | I5 | bII | I", "I | iv | bII | I", "I5 | bII | I5 | iv"),
        "major B": ("iv | iv | I5 | I", "bII | bII | I5 | I", "iv | bII | I | I5"),
        "minor A": ("i5 | i | iv | i", "i | i5 | bVI | i", "i5 | bII | i | i5", "i | iv | V5 | i"),
        "minor B": ("iv | iv | i | i5", "bVI | bVII | i | i5", "bIII | iv | i | i5"),
    },
    parts=(
        Part("percussion", "drums", "frame_drum", drum_part(DRUMS, "none", crash=False), -20.5, reverb=0.18,
             timing_jitter_ms=6.0),
        Part("drone", "bass", "cello", figures.held_tones(38, 0, 7, velocity=0.55, beats=4.0), -22.5, reverb=0.18,
             effects=("cello",), timing_jitter_ms=12.0),
        Part("oud", "melody", "oud", ornamented(melody_part(62, strength=0.76, legato=0.9), graces=0.35), -19.5,
             pan=-0.28, reverb=0.18, timing_jitter_ms=9.0),
        Part("qanun", "harmony", "koto", figures.repeated(comping.stabs("x.......x...x...", "x...x...x.......",
             velocity=0.6, length=0.9, top_notes=2), 0.25, min_beats=0.5), -23.5, pan=0.4, reverb=0.22,
             timing_jitter_ms=6.0),
        Part("strings", "melody", "strings", in_parallel(ornamented(melody_part(74, strength=0.7, legato=0.98),
             graces=0.25), -1, is_octave=True), -20.5, pan=0.14, reverb=0.28, min_energy=0.58, timing_jitter_ms=11.0),
        Part("ney", "melody", "flute", ornamented(melody_part(74, strength=0.64, legato=1.0, density=0.85), graces=0.45,
             trills=0.2), -21.5, pan=0.1, reverb=0.36, effects=("mellow",), max_energy=0.62, timing_jitter_ms=13.0),
        Part("violin", "texture", "violin", comping.sustained(shift=12, velocity=0.4), -28.0, pan=-0.35, reverb=0.35,
             effects=("fiddle",), min_energy=0.5, timing_jitter_ms=13.0),
    ),
    suspensions=0.0,
    line_up={
        "qanun": ("koto", "harp"), "strings": ("strings", "-"), "ney": ("flute", "clarinet"), "violin": ("violin", "-"),
        "drone": ("cello", "upright_bass"),
    },
    repeated_tones=0.5,
    form=Form(("taqsim", "A", 0.38), (("first part", "A", 0.54), ("second part", "B", 0.72), ("solo", "A", 0.5),
              ("second part", "B", 0.8)), ("outro", "A", 0.48)),
    energy=0.56,
    reverb=(1.8, 6000.0),
    bus_compression=0.35,
    treble_db=3.5,
    titles=("Lantern Market", "Caravan at Dusk", "Letters from Tripoli"),
    ritardando=0.05,
    reharmonisation=0.0,
    cadence=("bII", "iv V5"),
    melody_feel="flowing",
)  # fmt: skip
