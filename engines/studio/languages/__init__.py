"""Languages of prompts, one TOML file each. All are read at once, so that a prompt may mix them."""

from pathlib import Path
from typing import Final

from engines.studio.languages.language import Language, read_language

FIRST: Final = "en"
"""The language whose meaning applies to a phrase that several languages know."""
LANGUAGES: Final[tuple[Language, ...]] = tuple(
    sorted(
        (read_language(path) for path in Path(__file__).parent.glob("*.toml")),
        key=lambda language: (language.code != FIRST, language.code),
    )
)
