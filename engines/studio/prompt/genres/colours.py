"""Realises styles that colour another one: "jazzy" gives the chords of jazz, "orchestral" strings and brass."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from engines.studio.model.style import Style
from engines.studio.orchestration.default_parts import default_stem
from engines.studio.prompt.instrument_concepts import display_name, known_instrument
from engines.studio.styles import STYLES

HARMONIES: Final = frozenset(
    {"jazz", "blues", "gospel", "neosoul", "bossa", "flamenco", "arabic", "klezmer", "baroque"}
)
"""Styles whose chords are the most typical of them."""
INSTRUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "cinematic": ("strings", "brass"), "quartet": ("strings",), "baroque": ("harpsichord",),
    "celtic": ("violin", "flute"), "country": ("banjo",), "folk": ("steel_guitar",),
    "funk": ("muted_guitar", "clavinet"), "gospel": ("choir", "organ"),
    "hymn": ("choir", "organ"), "trap": ("kit_808",), "trance": ("supersaw",), "synthwave": ("lead",),
    "eighties_pop": ("gated_kit",), "chiptune": ("chip_lead",), "rock": ("driven_guitar",), "metal": ("driven_guitar",),
    "punk": ("driven_guitar",), "salsa": ("congas",), "bossa": ("nylon_guitar",), "flamenco": ("nylon_guitar",),
    "bollywood": ("sitar",), "arabic": ("oud",), "east_asian": ("koto",), "klezmer": ("clarinet",),
    "christmas": ("sleigh_bells",), "lofi": ("vinyl",), "ambient": ("warm_pad",), "tango": ("accordion",),
    "mariachi": ("trumpet",), "phonk": ("cowbell",), "amapiano": ("log_drum_bass",), "dubstep": ("wobble_bass",),
    "classical_piano": ("piano",), "techno": ("kit_909",), "march": ("march_kit",), "reggae": ("melodica",),
    "disco": ("strings",), "soul": ("brass",), "ska": ("trombone",), "afrobeats": ("kalimba",),
    "shoegaze": ("driven_guitar",), "boombap": ("boombap_kit",),
}  # fmt: skip
"""Concepts of instruments that are typical of a style and fit into others."""


@dataclass(frozen=True, slots=True)
class Colour:
    """What a style lends to another one: the key of the style whose chords are played, and instruments."""

    harmony: str | None
    instruments: tuple[str, ...]

    def describe(self, style: Style) -> str:
        """Return what is played instead of the requested style: "Disco with the chords of Jazz trio"."""
        given = [f"the chords of {STYLES[self.harmony].name}"] if self.harmony else []
        given += map(display_name, self.instruments)
        return f"{style.name} with {' and '.join(given)}" if given else style.name


def colour_of(key: str, style: Style, excluded: Collection[str], *, has_harmony: bool, can_add: bool) -> Colour:
    """Return what the style ``key`` lends to another one.

    ``excluded`` are instruments and stems that must not be added. With ``has_harmony`` the chords are already
    decided; without ``can_add`` no instrument is added.
    """
    own = {part.instrument for part in style.parts if not part.is_guest}
    names = (known_instrument(concept) for concept in INSTRUMENTS.get(key, ()))
    instruments = tuple(
        name for name in names if name and name not in own and not {name, default_stem(name)} & {*excluded}
    )
    return Colour(key if key in HARMONIES and not has_harmony else None, instruments if can_add else ())
