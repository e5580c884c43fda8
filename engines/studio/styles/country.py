"""Country: a train beat with brushes, an alternating bass, boom-chick guitar, a twanging lead, fiddle and banjo."""

from engines.studio.composing import bass, comping
from engines.studio.composing.drums import HAT, KICK, RIM, SNARE, TAMBOURINE, Groove, drum_part
from engines.studio.composing.melody import melody_part
from engines.studio.model.style import Form, Part, Style

DRUMS = (
    Groove({HAT: ("..x...x...x...x.",), RIM: ("....x.......x...",)}),
    Groove({
        KICK: ("X.......X.......",),
        SNARE: ("g.ggX.ggg.ggX.gg", "g.ggX.ggg.ggXggg"),
        HAT: ("..x...x...x...x.",),
    }, min_energy=0.42),
    Groove({
        KICK: ("X...x...X...x...", "X...x...X...x.x."),
        SNARE: ("gogoXogogogoXogo", "gogoXogogogoXoxo"),
        HAT: ("..x...x...x...x.",),
        TAMBOURINE: ("....o.......o...",),
    }, min_energy=0.64),
)  # fmt: skip

STYLE = Style(
    key="country",
    name="Country",
    keywords=("country", "country music", "country song", "country and western", "country & western",
              "classic country", "country ballad"),
    moods=("happy", "warm", "sad"),
    tempo_range=(92.0, 110.0, 128.0),
    modes=("major", "major", "mixolydian"),
    progressions={
        "major A": ("I | I7 | IV | V7", "I | IV | I | V7", "I | V7 | V7 | I", "I | V7/V | V7 | I"),
        "major B": ("IV | I | V7 | I", "IV | I | V7/V | V7", "vi | IV | I | V7"),
        "minor A": ("i | i | iv | V7", "i | bVII | bVI | V7", "i | bIII | bVII | i"),
        "minor B": ("bIII | bVII | iv | V7", "iv | i | V7 | i"),
    },
    parts=(
        Part("drums", "drums", "brush_kit", drum_part(DRUMS, "snare", crash=False), -22.0, reverb=0.12,
             timing_jitter_ms=8.0),
        Part("bass", "bass", "upright_bass", bass.pattern("X...x... X...x..o", (0, 7), length=0.7), -21.0, reverb=0.03,
             min_energy=0.36),
        Part("rhythm guitar", "harmony", "steel_guitar", comping.stabs("..X...X.", "..X.o.Xo", length=0.7, spread=0.015,
             top_notes=4), -22.0, pan=-0.5, reverb=0.12, effects=("air",)),
        Part("electric guitar", "harmony", "muted_guitar", comping.arpeggio(0.5, order="updown", velocity=0.6), -25.0,
             pan=0.5, reverb=0.14, delay=0.12, effects=("twang",), min_energy=0.44),
        Part("banjo", "harmony", "banjo", comping.arpeggio(0.25, order="broken", velocity=0.55), -27.0, pan=0.35,
             reverb=0.12, min_energy=0.6),
        Part("steel", "texture", "cello", comping.sustained(shift=12, velocity=0.45), -29.0, pan=-0.3, reverb=0.35,
             effects=("chorus",), min_energy=0.5),
        Part("lead guitar", "melody", "electric_guitar", melody_part(69, strength=0.76, density=0.9), -20.0, pan=0.12,
             reverb=0.18, delay=0.12, effects=("twang",), min_energy=0.42, timing_jitter_ms=9.0),
        Part("fiddle", "melody", "violin", melody_part(76, strength=0.66, density=0.75), -23.0, pan=-0.2, reverb=0.2,
             effects=("fiddle",), min_energy=0.62, timing_jitter_ms=11.0),
    ),
    key_changes=(5, 7, 2),
    line_up={
        "electric guitar": ("muted_guitar", "-"), "banjo": ("banjo", "banjo", "piano", "-"), "steel": ("cello", "-"),
        "lead guitar": ("electric_guitar", "harmonica"), "fiddle": ("violin", "harmonica", "-"),
        "bass": ("upright_bass", "electric_bass"),
    },
    chromatic_chords=("applied", "applied", "diminished"),
    chromaticism=0.23,
    approaches=0.3,
    lift=0.4,
    presence_db=0,
    form=Form(("intro", "A", 0.46), (("verse", "A", 0.54), ("chorus", "B", 0.76), ("verse", "A", 0.58),
              ("solo", "A", 0.66), ("chorus", "B", 0.8)), ("outro", "A", 0.5)),
    energy=0.54,
    reverb=(1.2, 6500.0),
    bus_compression=0.4,
    treble_db=1.5,
    titles=("Gravel Road Home", "Blue Tin Roof", "Long Way to Laramie"),
    reharmonisation=0.0,
    cadence=("V7", "V7"),
    melody_feel="bluesy",
)  # fmt: skip
