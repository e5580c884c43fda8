"""The vocabulary of one language: comma-separated phrases for every meaning that the prompt reader knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Language:
    """Phrases by their meaning; every value is a comma-separated list.

    moods
        By a mood of ``vocabulary.MOOD_ENERGY``.
    tempos
        By tempo, from -1 (slow) to 1 (fast).
    energy
        By the offset that is added to the style's energy.
    instruments
        By a concept of ``vocabulary.INSTRUMENT_FALLBACKS``, the key of an instrument, or a stem.
    styles
        By the keys of styles; of "a|b", the first that exists.
    forms
        By a hint of ``form_request.form_request_from_hints``.
    positions
        By a share of the track's length, 0 to 1.
    modes, metres, eras
        By a mode of ``pitch.MODES``, a metre ("3/4"), the first year of a decade.
    articulations
        By a key of ``articulation.ARTICULATIONS`` or ``articulation.SWING_RATIOS``.
    exclusivity
        Words that exclude all other instruments, by their position: "before" or "after" the instrument, "both"; or by
        the key of the instrument that they imply.
    negations, fillers, conjunctions
        Words that exclude the next phrase, words that may occur between the two, words that continue a negation.
    stop_words
        Words without musical meaning.
    inflections
        Alternative endings by the ending that they replace, for moods, tempos, energy, modes and articulations.
    """

    code: str
    moods: Mapping[str, str]
    tempos: Mapping[float, str]
    energy: Mapping[float, str]
    instruments: Mapping[str, str]
    styles: Mapping[str, str]
    forms: Mapping[str, str]
    positions: Mapping[float, str]
    modes: Mapping[str, str]
    metres: Mapping[str, str]
    eras: Mapping[int, str]
    articulations: Mapping[str, str]
    exclusivity: Mapping[str, str]
    negations: str
    fillers: str
    conjunctions: str
    stop_words: str
    inflections: Mapping[str, str] = field(default_factory=dict)

    def inflected_phrases(self, row: str) -> Iterator[str]:
        """Yield each phrase of a row with all its endings."""
        for phrase in split_phrases(row):
            yield phrase
            ending = next((ending for ending in self.inflections if phrase.endswith(ending)), None)
            if ending is not None:
                stem = phrase[: len(phrase) - len(ending)]
                yield from (stem + suffix for suffix in self.inflections[ending].split())


def split_phrases(row: str) -> Iterator[str]:
    return (phrase.strip() for phrase in row.split(",") if phrase.strip())
