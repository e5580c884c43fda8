"""Collects the requirements of a prompt, and records which phrases were used, approximated or ignored."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.port import Approximation
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import DRUM_KIT_PIECES, OTHER_PIECES
from engines.studio.model.form_request import DEFAULT_POSITIONS, TimePoint
from engines.studio.orchestration import transformations
from engines.studio.prompt import instrument_concepts
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.genres.heads import StyleMention
from engines.studio.prompt.instrument_concepts import DRUMS, can_play_alone, known_instrument
from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.phrase_meanings import PhraseKind, PhraseMatch, applicable_kinds
from engines.studio.prompt.precedence import LEVELS, Level
from engines.studio.prompt.quantities import ClockTime
from engines.studio.styles import STYLES
from engines.studio.theory import metre as metres

MAX_PHRASES_APART: Final = 5
"""The most phrases between a highlight of the form ("drop") and its position ("in the middle")."""
MAX_TOKENS_APART: Final = 7
"""The most tokens between the two."""
NEGATED_SHARE: Final = -0.6
"""The part of an energy that its negation subtracts."""
REDUCED_SHARE: Final = -0.5


@dataclass(frozen=True, slots=True)
class _Scope:
    """How the words around a phrase change it; ``degree`` is a strength from 0 to 1 ("slightly")."""

    is_negated: bool
    is_reduced: bool
    is_raised: bool
    degree: float

    @property
    def is_weakened(self) -> bool:
        return self.is_negated or self.is_reduced

    @property
    def energy_share(self) -> float:
        return NEGATED_SHARE if self.is_negated else REDUCED_SHARE if self.is_reduced else 1.0


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

    def add_phrases(
        self,
        matches: Sequence[PhraseMatch],
        negations: Negations,
        clock_times: Sequence[ClockTime],
        elsewhere: Collection[int] = (),
    ) -> None:
        """Add all phrases in order. The clock times are assigned in order to the highlights of the form.

        ``elsewhere`` are the start indexes of words for tempo, energy and mood that describe one section alone.
        """
        remaining_times = list(clock_times)
        degree = 1.0
        for number, match in enumerate(matches):
            if match.start in elsewhere:
                pass
            elif match.kind is PhraseKind.FORM:
                nearby = matches[max(0, number - MAX_PHRASES_APART) : number + MAX_PHRASES_APART + 1]
                self._add_form_feature(match, nearby, remaining_times, negations)
            elif match.kind is PhraseKind.NAME:
                self._add_name(match)
            elif match.start not in negations.modifiers:
                self._add_phrase(match, negations, degree)
            strength = match.value_of(PhraseKind.DEGREE)
            degree = float(strength) if strength is not None else 1.0
        self.ignored.extend(time.text for time in remaining_times)

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
            self.notes.append(f'No instrument is near "{text}"; it was not used.')
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

    def _add_phrase(self, match: PhraseMatch, negations: Negations, degree: float) -> None:
        """Add all meanings of a phrase that apply."""
        scope = _Scope(negations.is_negated(match), negations.is_reduced(match), negations.is_raised(match), degree)
        adders: Mapping[PhraseKind, Callable[[PhraseMatch, _Scope], None]] = {
            PhraseKind.INSTRUMENT: self._add_instrument,
            PhraseKind.EXCLUSION: lambda own, _: self.exclude(str(own.value), own.text),
            PhraseKind.METRE: lambda own, scope: self._add_metre_word(own, match, scope),
            PhraseKind.DECADE: lambda own, _: self.add_decade(int(own.value), own.text),
            PhraseKind.MOOD: self._add_mood,
            PhraseKind.ENERGY: self._add_energy,
            PhraseKind.TRANSFORMATION: self._add_transformation,
            PhraseKind.TEMPO: self._add_tempo_lean,
            PhraseKind.MODE: self._add_mode,
        }
        for kind in applicable_kinds(match):
            own = match.led_by(kind)
            if kind in {PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE}:
                self._add_style(own, match, scope)
            elif kind is PhraseKind.SCENE:
                self._add_scene(own, match, scope)
            elif kind in adders:
                adders[kind](own, scope)

    def _mark_used(self, match: PhraseMatch, *, is_negated: bool = False) -> None:
        self.use(LEVELS[match.kind], f"no {match.text}" if is_negated else match.text)

    def _add_name(self, match: PhraseMatch) -> None:
        self.ignored.append(match.text)
        article = "a " if match.value in {"person", "song", "brand"} else ""
        self.notes.append(f'"{match.text}" is the name of {article}{match.value}; it was not used.')

    def _add_style(self, match: PhraseMatch, whole: PhraseMatch, scope: _Scope) -> None:
        key = next((key for key in str(match.value).split("|") if key in STYLES), None)
        if key is None:
            self.ignored.append(match.text)
        elif scope.is_negated:
            self.excluded_styles.append(key)
            self._mark_used(match, is_negated=True)
        else:
            self.styles.append(StyleMention(key, whole, match.kind is PhraseKind.STYLE))

    def _add_scene(self, match: PhraseMatch, whole: PhraseMatch, scope: _Scope) -> None:
        if str(match.value) in lexicon.SCENES and not scope.is_weakened:
            self.scenes.append((str(match.value), whole))
        elif whole.kind is PhraseKind.SCENE:
            self.ignored.append(match.text)

    def _add_instrument(self, match: PhraseMatch, scope: _Scope) -> None:
        concept = str(match.value)
        name = known_instrument(concept)
        if scope.is_negated:
            self.exclude(concept, f"no {match.text}")
        elif scope.is_reduced and name is not None:
            self.reduced.append(name)
            self.use(Level.INSTRUMENT, f"less {match.text}")
        else:
            included = self.include(concept, match.text)
            if scope.is_raised and included:
                self.raised.append(included)

    def _add_metre_word(self, match: PhraseMatch, whole: PhraseMatch, scope: _Scope) -> None:
        """Add a metre. The name of a dance is also that of a style, with which it is reported."""
        is_style = any(whole.value_of(kind) for kind in (PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE))
        if is_style and not scope.is_negated:
            self.metre = self.metre or str(match.value)
        elif scope.is_negated and not is_style:
            self.ignored.append(match.text)
        elif not is_style:
            self.add_metre(str(match.value), match.text)

    def _add_energy(self, match: PhraseMatch, scope: _Scope) -> None:
        self.energy_offset += float(match.value) * scope.energy_share
        self._mark_used(match, is_negated=scope.is_negated)

    def _add_mood(self, match: PhraseMatch, scope: _Scope) -> None:
        if scope.is_weakened:
            self.energy_offset += REDUCED_SHARE * MOOD_ENERGY[str(match.value)]
        else:
            self.moods.append(str(match.value))
        self._mark_used(match, is_negated=scope.is_negated)

    def _add_transformation(self, match: PhraseMatch, scope: _Scope) -> None:
        is_negated = scope.is_weakened
        name = transformations.OPPOSITES.get(str(match.value)) if is_negated else str(match.value)
        if name is None or transformations.is_conflicting(name, self.transformations):
            self.ignored.append(match.text)
            return
        self.transformations.setdefault(name, f"no {match.text}" if is_negated else match.text)
        if scope.degree < 1.0:
            self.strengths.setdefault(name, scope.degree)
        self._mark_used(match, is_negated=is_negated)

    def _add_tempo_lean(self, match: PhraseMatch, scope: _Scope) -> None:
        is_negated = scope.is_weakened
        lean = float(match.value) * (-0.4 if is_negated else 1.0)
        if self.tempo_lean is None:
            self.tempo_lean = lean
        if self.tempo_lean == lean:
            self._mark_used(match, is_negated=is_negated)
        else:
            self.ignored.append(match.text)

    def _add_mode(self, match: PhraseMatch, scope: _Scope) -> None:
        if self.mode is None and not scope.is_negated:
            self.mode = str(match.value)
            self._mark_used(match)
        else:
            self.ignored.append(match.text)

    def _add_form_feature(
        self, match: PhraseMatch, nearby: Sequence[PhraseMatch], times: list[ClockTime], negations: Negations
    ) -> None:
        feature = str(match.value)
        if negations.is_negated(match):
            self._mark_used(match, is_negated=True)
            return
        self._mark_used(match)
        position = _position_of(match, nearby, times) if feature in DEFAULT_POSITIONS else None
        self.form_features.setdefault(feature, position)


def _position_of(match: PhraseMatch, nearby: Sequence[PhraseMatch], times: list[ClockTime]) -> TimePoint | None:
    """Return the position of a highlight: the next clock time, otherwise the nearest phrase, preferably after it."""
    if times:
        return TimePoint(0.5, times.pop(0).seconds)
    positions = [
        other
        for other in nearby
        if other.kind is PhraseKind.POSITION and abs(other.start - match.start) <= MAX_TOKENS_APART
    ]
    if not positions:
        return None
    nearest = min(
        positions,
        key=lambda other: other.start - match.end if other.start > match.start else 2 + match.start - other.end,
    )
    return TimePoint(float(nearest.value))
