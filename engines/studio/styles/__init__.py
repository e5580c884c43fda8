"""All styles by key, which is the name of their module."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from engines.studio.model.style import Style

KEYS: Final = (
    "lofi", "cinematic", "ambient", "house", "synthwave", "jazz", "rock", "funk", "techno", "trap", "dnb", "bossa",
    "chiptune", "piano", "boombap", "trance", "drone", "meditation", "blues", "neosoul", "reggae", "metal", "folk",
    "quartet",
)  # fmt: skip
"""The order decides between styles that match a prompt equally well."""

STYLES: Final[Mapping[str, Style]] = {key: import_module(f"{__name__}.{key}").STYLE for key in KEYS}
