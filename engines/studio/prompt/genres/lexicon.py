"""Genre words that a style approximates, scenes that suggest styles, and names that mean nothing to the engine."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from engines.studio.styles import STYLES

Words = Mapping[str, tuple[str, ...]]


def _read(name: str) -> dict[str, object]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _read_styles(name: str) -> Words:
    """Read a table of keys of styles, without those that do not exist."""
    table = TypeAdapter(dict[str, tuple[str, ...]]).validate_python(_read(name))
    return {word: tuple(key for key in keys if key in STYLES) for word, keys in table.items()}


_TABLES: Final = TypeAdapter(dict[str, dict[str, tuple[str, ...]]]).validate_python(_read("genres.toml"))
APPROXIMATIONS: Final[Words] = {key: words for key, words in _TABLES["approximations"].items() if key in STYLES}
"""Words by the key of the style that approximates them."""
ADJECTIVES: Final[Words] = {key: words for key, words in _TABLES["adjectives"].items() if key in STYLES}
"""Words that colour another genre ("funky disco"), by the key of their style."""
METRES: Final[Words] = _TABLES["metres"]
"""Names of dances and other genres by their metre, where it is not the metre of their style."""
FAMILIES: Final[Words] = _TABLES["families"]
"""Styles by the word for their family ("classical"): a named style is more precise than the word."""
ENSEMBLES: Final[Words] = _TABLES["ensembles"]
"""Concepts of the instruments of an ensemble, by its name."""
NAMES: Final[Words] = _TABLES["names"]
"""Names by what they name: a person, a song or a brand."""
SCENES: Final[Words] = _read_styles("scenes.toml")
"""Styles that suit a scene or an occasion, the most typical one first."""
TYPICAL_STYLES: Final[Words] = _read_styles("typical_instruments.toml")
"""Styles of which an instrument, or the concept of one that another plays, is typical; the most typical one first."""
