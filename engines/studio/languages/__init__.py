"""Languages of prompts. All are read at once, so that a prompt may mix them."""

from typing import Final

from engines.studio.languages import de, en, es, fr, it
from engines.studio.languages.language import Language

LANGUAGES: Final[tuple[Language, ...]] = (en.ENGLISH, de.GERMAN, fr.FRENCH, it.ITALIAN, es.SPANISH)
