"""The languages that requests are read in; all of them at once, so that mixed requests work."""

from typing import Final

from engines.studio.languages import de, en, es, fr, it
from engines.studio.languages.language import Language

LANGUAGES: Final[tuple[Language, ...]] = (en.ENGLISH, de.GERMAN, fr.FRENCH, it.ITALIAN, es.SPANISH)
