"""The order in which contradictory requirements are resolved."""

from enum import IntEnum
from typing import Final

from engines.studio.prompt.phrases.phrase_meanings import PhraseKind


class Level(IntEnum):
    """A level of requirements, the strongest first. docs/reference/prompts.md explains the table."""

    CONTROL = 0
    """Explicit controls of the request."""
    NUMBER = 1
    """Tempos in BPM, keys, metres, lengths, chord progressions."""
    INSTRUMENT = 2
    """Instruments: excluded before reduced before included ones."""
    STYLE = 3
    """Styles: named before approximated ones; without either, the style is chosen (genres.suitability)."""
    FORM = 4
    """Sections, then highlights and the arc of the form."""
    DECADE = 5
    """Decades, which choose the style only if no word does."""
    WORD = 6
    """Words for tempo, energy and mode, and transformations."""
    MOOD = 7
    """Moods, which influence all other properties, and scenes, which suggest a style."""


LEVELS: Final = {
    PhraseKind.METRE: Level.NUMBER,
    PhraseKind.EXCLUSION: Level.INSTRUMENT,
    PhraseKind.INSTRUMENT: Level.INSTRUMENT,
    PhraseKind.STYLE: Level.STYLE,
    PhraseKind.APPROXIMATED_STYLE: Level.STYLE,
    PhraseKind.FORM: Level.FORM,
    PhraseKind.SECTION: Level.FORM,
    PhraseKind.SEQUENCE: Level.FORM,
    PhraseKind.DECADE: Level.DECADE,
    PhraseKind.ENERGY: Level.WORD,
    PhraseKind.TEMPO: Level.WORD,
    PhraseKind.MODE: Level.WORD,
    PhraseKind.TRANSFORMATION: Level.WORD,
    PhraseKind.PROPERTY: Level.WORD,
    PhraseKind.MOOD: Level.MOOD,
    PhraseKind.SCENE: Level.MOOD,
}
"""The level of each kind of phrase."""
