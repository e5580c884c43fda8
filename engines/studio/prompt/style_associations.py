"""Styles that decades, metres, dances and instruments suggest."""

from collections.abc import Mapping
from typing import Final

from engines.studio.prompt import instrument_concepts

DANCE_STYLES: Final[Mapping[str, str]] = {
    "jig": "celtic", "jigs": "celtic", "slip jig": "celtic", "giga": "celtic", "gigue": "celtic", "tarantella": "folk",
    "tarentelle": "folk", "polka": "folk", "mazurka": "folk", "waltz": "waltz",
    "waltzes": "waltz", "walzer": "waltz", "valse": "waltz", "valses": "waltz", "valzer": "waltz", "vals": "waltz",
    "march": "march", "marsch": "march",
    "marche": "march", "marcia": "march", "marcha": "march", "minuet": "baroque", "menuett": "baroque",
    "menuet": "baroque", "minuetto": "baroque", "minueto": "baroque",
}  # fmt: skip
"""Styles of dances that are named for their metre, used if the prompt names no style."""

ERA_STYLES: Final[Mapping[int, tuple[str, ...]]] = {
    1920: ("jazz",),
    1930: ("jazz",),
    1940: ("jazz",),
    1950: ("blues", "rock", "jazz"),
    1960: ("sixties_pop", "bossa", "folk"),
    1970: ("funk", "disco", "soul"),
    1980: ("synthwave", "eighties_pop"),
    1990: ("boombap", "grunge", "house"),
    2000: ("trance", "rnb"),
    2010: ("trap", "bigroom", "indie"),
}
"""Styles of a decade, the first of which is used if nothing else names or suggests one."""

ERA_VARIANTS: Final[Mapping[tuple[str, int | None], str]] = {
    ("pop", 1960): "sixties_pop",
    ("pop", 1980): "eighties_pop",
}
"""The style that a style and a decade name together ("80s pop")."""

METRE_STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "3/4": ("waltz",),
    "2/4": ("march", "celtic"),
    "6/8": ("celtic", "folk"),
    "9/8": ("celtic",),
    "12/8": ("blues", "gospel"),
    "7/8": ("klezmer",),
}
"""Styles that suit a metre."""

TYPICAL_STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "piano": ("piano", "classical_piano"), "electric_piano": ("neosoul", "rnb"), "reed_keys": ("neosoul", "soul"),
    "clavinet": ("funk",), "organ": ("hymn", "gospel"), "singing_bowl": ("meditation",), "handpan": ("meditation",),
    "vibraphone": ("jazz",), "marimba": ("corporate",), "glockenspiel": ("lullaby",), "bells": ("christmas",),
    "kalimba": ("lullaby", "meditation"), "nylon_guitar": ("flamenco", "bossa"), "steel_guitar": ("folk", "country"),
    "electric_guitar": ("rock", "indie"), "muted_guitar": ("funk",), "driven_guitar": ("rock", "metal", "punk"),
    "palm_mute": ("metal",), "banjo": ("country", "folk"), "picked_bass": ("punk", "rock"), "upright_bass": ("jazz",),
    "electric_bass": ("soul", "funk"), "slap_bass": ("funk",), "harp": ("ambient", "celtic"), "warm_pad": ("ambient",),
    "glass_pad": ("ambient",), "supersaw": ("trance", "bigroom"), "lead": ("synthwave",), "soft_lead": ("synthwave",),
    "chip_lead": ("chiptune",), "chip_pulse": ("chiptune",), "chip_bass": ("chiptune",), "pluck": ("house", "trance"),
    "stab": ("house",), "synth_bass": ("synthwave",), "house_bass": ("house",), "acid_bass": ("techno",),
    "reese_bass": ("dnb",), "sub_bass": ("dubstep", "trap"), "strings": ("cinematic", "quartet"),
    "staccato_strings": ("cinematic",), "pizzicato": ("corporate", "baroque"), "brass": ("march", "cinematic"),
    "horn": ("cinematic",), "flute": ("celtic", "folk"), "sax": ("jazz",), "choir": ("gospel", "hymn"),
    "humming": ("lullaby",), "trumpet": ("jazz", "mariachi"), "violin": ("quartet", "celtic"), "viola": ("quartet",),
    "cello": ("quartet",), "clarinet": ("klezmer", "jazz"), "harmonica": ("blues", "country"),
    "accordion": ("tango", "waltz"), "melodica": ("reggae",), "timpani": ("cinematic",), "brush_kit": ("jazz",),
    "kit_808": ("trap",), "kit_909": ("techno", "house"), "gated_kit": ("eighties_pop", "synthwave"),
    "boombap_kit": ("boombap",), "lofi_kit": ("lofi",), "acoustic_kit": ("rock",), "metal_kit": ("metal",),
    "hand_kit": ("afrobeats", "salsa"), "orchestral_kit": ("cinematic",), "vinyl": ("lofi",), "air": ("ambient",),
    "riser": ("bigroom",), "impact": ("cinematic", "horror"),
    "sitar": ("bollywood",), "koto": ("east_asian",), "harpsichord": ("baroque",), "bagpipes": ("celtic",),
    "tabla": ("bollywood",), "taiko": ("east_asian",), "tuba": ("march",), "oud": ("arabic",),
    **instrument_concepts.TYPICAL_STYLES,
}  # fmt: skip
"""Styles of which an instrument, or a concept of instruments.toml, is typical."""
