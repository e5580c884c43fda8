"""Languages of prompts, one TOML file each. All are read at once, so that a prompt may mix them."""

from typing import Final

from engines.studio.languages.language import Language, read_language

LANGUAGES: Final[tuple[Language, ...]] = tuple(read_language(code) for code in ("en", "de", "fr", "it", "es"))
