"""Meanings of the words of all languages: moods, instrument fallbacks, dances, similar styles, eras."""

from collections.abc import Mapping
from typing import Final

MOOD_ENERGY: Final[Mapping[str, float]] = {
    "calm": -0.25,
    "dark": 0.0,
    "sad": -0.15,
    "happy": 0.08,
    "energetic": 0.25,
    "dreamy": -0.12,
    "epic": 0.15,
    "warm": -0.05,
}
MOOD_MODE: Final[Mapping[str, str]] = {"dark": "minor", "sad": "minor", "happy": "major", "epic": "minor"}
INSTRUMENT_FALLBACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "honky_tonk": ("honky_tonk", "felt_piano", "upright_piano", "piano"),
    "accordion": ("accordion", "harmonium", "organ"),
    "harmonica": ("harmonica", "accordion", "organ"),
    "harpsichord": ("harpsichord", "clavinet"),
    "steel_drum": ("steel_drum", "steel_pan", "handpan", "marimba"),
    "banjo": ("banjo", "steel_guitar"),
    "mandolin": ("mandolin", "steel_guitar"),
    "ukulele": ("ukulele", "nylon_guitar"),
    "sitar": ("sitar", "steel_guitar"),
    "sarod": ("sarod", "sitar"),
    "dhol": ("dhol", "tabla"),
    "koto": ("koto", "harp"),
    "shamisen": ("shamisen", "koto"),
    "erhu": ("erhu", "violin"),
    "violin": ("violin", "solo_violin", "strings"),
    "viola": ("viola", "strings"),
    "cello": ("cello", "solo_cello", "strings"),
    "trumpet": ("trumpet", "muted_trumpet", "brass"),
    "trombone": ("trombone", "brass"),
    "tuba": ("tuba", "brass"),
    "piccolo": ("piccolo", "flute"),
    "pan_flute": ("pan_flute", "flute"),
    "clarinet": ("clarinet", "sax"),
    "oboe": ("oboe", "clarinet", "sax"),
    "bassoon": ("bassoon", "clarinet", "sax"),
    "bagpipes": ("bagpipes", "oboe", "sax"),
    "vocals": ("voice", "choir"),
    "congas": ("latin_kit", "hand_kit"),
    "tabla": ("tabla", "hand_kit"),
    "djembe": ("djembe", "hand_kit"),
    "taiko": ("taiko", "orchestral_kit"),
    "theremin": ("theremin", "soft_lead", "lead"),
    "mellotron": ("mellotron", "strings"),
    "arpeggio": ("arpeggio", "pluck"),
}
"""Instruments for a concept, best first; the first that exists is used, and any but the first is an approximation."""

DANCE_STYLES: Final[Mapping[str, str]] = {
    "jig": "celtic", "jigs": "celtic", "slip jig": "celtic", "giga": "celtic", "gigue": "celtic", "tarantella": "folk",
    "tarentelle": "folk", "polka": "folk", "mazurka": "folk", "waltz": "waltz",
    "waltzes": "waltz", "walzer": "waltz", "valse": "waltz", "valses": "waltz", "valzer": "waltz", "vals": "waltz",
    "march": "march", "marsch": "march",
    "marche": "march", "marcia": "march", "marcha": "march", "minuet": "baroque", "menuett": "baroque",
    "menuet": "baroque", "minuetto": "baroque", "minueto": "baroque",
}  # fmt: skip
"""Styles of dances that are named for their metre, used if the prompt names no style."""

NEAR_STYLES: Final[Mapping[str, str]] = {
    "rock": "pop, pop rock, britpop, country rock, rock and roll, rock n roll, rockabilly, surf rock, emo, ska",
    "metal|rock": "heavy metal, death metal, thrash, metalcore, nu metal",
    "synthwave": "electropop, new wave, vaporwave, synth wave, hyperpop, italo disco, electroclash, dream pop",
    "house": "edm, eurodance, future bass, dance pop, dance music, progressive house, electro house, reggaeton",
    "techno": "hardstyle, gabber, electro, electronic, electronica, idm, industrial, ebm",
    "trance|techno": "psytrance, goa, goa trance, hard trance",
    "trap": "hip hop beat, rap, cloud rap, grime, afrobeats, afrobeat",
    "dnb": "breakbeat, dubstep, breakcore, garage, uk garage, 2 step",
    "jazz": "big band, ragtime, dixieland, manouche, gypsy jazz, fusion, latin jazz fusion, lounge",
    "bossa": "salsa, rumba, cha cha, mambo, tango, cumbia, flamenco, calypso",
    "funk": "motown, northern soul, p funk, afro funk",
    "neosoul|neo_soul|funk": "soul, r&b, rnb, r n b, gospel",
    "blues|jazz": "blues rock, delta blues, rhythm and blues",
    "reggae|dub|funk": "reggae, dub, dancehall, rocksteady",
    "folk|piano": "country, bluegrass, americana, celtic, irish, singer songwriter, medieval, world music",
    "piano": "classical, classical music, romantic piano, minimalism, impressionist, nocturne, sonata, etude, klassik, "
    "klassische musik, musique classique, musica classica, música clásica, clásica",
    "quartet|string_quartet|strings|cinematic": "baroque, chamber, string trio",
    "cinematic": "opera, march, anthem, fantasy, western, symphony, sinfonie, symphonie, sinfonia",
    "ambient": "noise, musique concrete, asmr, white noise, new age music, wellness",
    "lofi": "chill beats, study music, chillout, chill out, downtempo beats, trip hop, jazz hop",
}
"""Styles that the engine lacks, by the styles nearest to them ("a|b": the first that exists)."""

ERA_STYLES: Final[Mapping[int, tuple[str, ...]]] = {
    1920: ("jazz",),
    1930: ("jazz",),
    1940: ("jazz",),
    1950: ("blues", "jazz"),
    1960: ("bossa", "folk", "rock"),
    1970: ("funk",),
    1980: ("synthwave",),
    1990: ("boombap", "boom_bap", "house", "lofi"),
    2000: ("trance", "house"),
    2010: ("trap",),
}
"""Styles of a decade, used if the prompt names no style; the first that exists."""
