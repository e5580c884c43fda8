"""Genre and scene words that are approximated by a style, and names that mean nothing to the engine."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from engines.studio.styles import STYLES

_TABLES: Final = TypeAdapter(dict[str, dict[str, tuple[str, ...]]]).validate_python(
    tomllib.loads(Path(__file__).with_name("genres.toml").read_text(encoding="utf-8"))
)
APPROXIMATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    key: words for key, words in _TABLES["approximations"].items() if key in STYLES
}
"""Words by the key of the style that approximates them."""
NAMES: Final[Mapping[str, tuple[str, ...]]] = _TABLES["names"]
"""Names by what they name: a person, a song or a brand."""
