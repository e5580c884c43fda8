"""The requirements of a prompt, and a record of the phrases that were used, approximated or ignored."""

from collections.abc import Sequence

from engines.port import Approximation
from engines.remarks import RemarkCode
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import DRUM_KIT_PIECES, OTHER_PIECES
from engines.studio.model.form_request import TimePoint
from engines.studio.prompt import instrument_concepts
from engines.studio.prompt.genres.style_mention import StyleMention
from engines.studio.prompt.instrument_concepts import DRUMS, can_play_alone
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch
from engines.studio.prompt.precedence import Level
from engines.studio.theory import metre as metres


class Requirements:
    """The requirements that have been read so far."""

    def __init__(self) -> None:
        self.used: list[tuple[Level, str]] = []
        self.approximated: list[Approximation] = []
        self.ignored: list[str] = []
        self.notes: list[str] = []
        self.styles: list[StyleMention] = []
        self.scenes: list[tuple[str, PhraseMatch]] = []
        self.excluded_styles: list[str] = []
        self.harmony: str | None = None
        self.included: list[str] = []
        self.concepts: list[str] = []
        self.excluded: list[str] = []
        self.reduced: list[str] = []
        self.raised: list[str] = []
        self.moods: list[str] = []
        self.tempo_lean: float | None = None
        self.mode: str | None = None
        self.energy_offset = 0.0
        self.metre: str | None = None
        self.decade: int | None = None
        self.form_features: dict[str, TimePoint | None] = {}
        self.transformations: dict[str, str] = {}
        self.strengths: dict[str, float] = {}
        self.is_solo = False
        self.solo_sections: list[str] = []
        self.has_decade_sound = False
        self.decade_text: str | None = None

    def use(self, level: Level, text: str) -> None:
        """Report a phrase as used."""
        self.used.append((level, text))

    def add_metre(self, metre: str, text: str) -> None:
        """Add a metre. The first one counts; one that cannot be played is approximated."""
        if self.metre is None:
            self.metre = metre
        delivered = metres.metre_named(self.metre).name
        if metre in {delivered, "2/2"}:
            self.use(Level.NUMBER, text)
        else:
            self.approximated.append(Approximation(text, delivered))

    def add_decade(self, year: int, text: str) -> None:
        if self.decade is None:
            self.decade, self.decade_text = year, text
        elif year != self.decade and text:
            self.ignored.append(text)

    def add_exclusivity_markers(self, markers: Sequence[PhraseMatch]) -> None:
        """Exclude all instruments but the included ones, unless none of those can play a part."""
        for marker in markers:
            implied = str(marker.value_of(PhraseKind.EXCLUSIVITY))
            if implied in CATALOGUE:
                self.included.append(implied)
                self.concepts.append(implied)
                delivered = f"{CATALOGUE[implied].name} without words"
                self.approximated.append(Approximation(marker.text, delivered))
            else:
                self.use(Level.INSTRUMENT, marker.text)
        drums = [name for name in self.included if name not in self.excluded]
        if markers and DRUMS in drums and DRUM_KIT_PIECES.issuperset(set(drums) - {DRUMS}) and len(drums) > 1:
            self.excluded.append(OTHER_PIECES)  # "drums: only kick and hats"
            return
        self.is_solo = bool(markers) and can_play_alone(self.included, self.excluded)

    def include(self, concept: str, text: str, *, level: Level = Level.INSTRUMENT) -> str | None:
        """Include the instrument for a concept, or the nearest one. Return its key."""
        found = instrument_concepts.realize(concept)
        if found.name is None:
            self.ignored.append(text)
            self.notes.append(RemarkCode.INSTRUMENT_UNKNOWN.write(words=text))
            return None
        self.included.append(found.name)
        self.concepts.append(concept)
        if found.is_exact:
            self.use(level, text)
        else:
            self.approximated.append(Approximation(text, instrument_concepts.display_name(found.name)))
        return found.name

    def include_in_section(self, concept: str, text: str) -> None:
        """Include an instrument that plays in a part of the track; the phrase for it is reported elsewhere."""
        used = list(self.used)
        self.include(concept, text)
        self.used = used

    def exclude(self, concept: str, text: str, *, level: Level = Level.INSTRUMENT) -> None:
        """Exclude the instrument for a concept; without that instrument nothing has to be excluded."""
        self.excluded.extend(instrument_concepts.excluded_instruments(concept))
        self.use(level, text)

    def keep_only(self, names: Sequence[str]) -> None:
        """Let only these instruments play; those that words included are ignored."""
        self.included = list(names)
        self.is_solo = can_play_alone(self.included, self.excluded)
        words = [text for level, text in self.used if level is Level.INSTRUMENT and not text.startswith("no ")]
        self.ignored.extend(words)
        self.used = [(level, text) for level, text in self.used if text not in words]
