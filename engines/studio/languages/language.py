"""What a language's data file says: phrases, parted by commas, for every meaning that the reader knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Language:
    """The vocabulary of one language; every value is a row of phrases, parted by commas.

    ``moods`` by the moods of words.MOOD_ENERGY, ``pace`` by a lean from -1 (slow) to 1 (fast), ``energy`` by a lift,
    ``instruments`` by a concept of words.RELATIVES or an instrument's key, ``styles`` by keys of styles (the first
    that exists is meant; "a|b" names relatives), ``forms`` by a hint of shape.HINTS, ``places`` by a share of the
    length, ``modes`` by a mode of theory.MODES, ``metres`` as "3/4", ``eras`` by their first year, ``playing`` by a way
    of touch.CHANGES or touch.SWINGS, ``only`` by where it stands ("before" or "after" the instruments, "both") or by
    the instrument that is meant. ``negations`` stand before what is unwanted, ``links`` may stand between, ``joins``
    carry a negation on; ``quiet`` says nothing about music. ``endings`` bends moods, paces, energies and ways of
    playing: of a word that ends so, all these endings are known.
    """

    code: str
    moods: Mapping[str, str]
    pace: Mapping[float, str]
    energy: Mapping[float, str]
    instruments: Mapping[str, str]
    styles: Mapping[str, str]
    forms: Mapping[str, str]
    places: Mapping[float, str]
    modes: Mapping[str, str]
    metres: Mapping[str, str]
    eras: Mapping[int, str]
    playing: Mapping[str, str]
    only: Mapping[str, str]
    negations: str
    links: str
    joins: str
    quiet: str
    endings: Mapping[str, str] = field(default_factory=dict)

    def bent(self, row: str) -> Iterator[str]:
        """The phrases of a row in all their endings."""
        for phrase in phrases(row):
            yield phrase
            ending = next((one for one in self.endings if phrase.endswith(one)), None)
            if ending is not None:
                stem = phrase[: len(phrase) - len(ending)]
                yield from (stem + other for other in self.endings[ending].split())


def phrases(row: str) -> Iterator[str]:
    """The phrases of a row."""
    return (phrase.strip() for phrase in row.split(",") if phrase.strip())
