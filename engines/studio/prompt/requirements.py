"""Collects what the phrases of a request ask for, and how each of them was met."""

from collections.abc import Sequence
from typing import Final

from engines.port import Approximation
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import STEMS
from engines.studio.model.form_request import DEFAULT_POSITIONS, TimePoint
from engines.studio.model.style import Style
from engines.studio.orchestration import articulation, default_parts
from engines.studio.prompt import vocabulary
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.numbers import Clocked
from engines.studio.prompt.phrases import SAYS_NOTHING, Hit, Kind
from engines.studio.prompt.tokens import Word, folded
from engines.studio.styles import STYLES
from engines.studio.theory import metre as metres

PATTERNS: Final = frozenset(
    {"aba", "aaba", "abab", "ababa", "ababcb", "abac", "abaca", "abacaba", "abc", "abcba", "aab", "aabb"}
)
FORM_WORDS: Final = frozenset({"form", "forma", "forme", "structure", "struktur", "struttura", "estructura", "rondo"})
REACH: Final = 5
"""Words between a moment and the place that is named for it."""


def first_style(names: str) -> str | None:
    """The first of "a|b|c" that is the key of a style."""
    return next((name for name in names.split("|") if name in STYLES), None)


class Requirements:
    """What was asked for so far."""

    def __init__(self) -> None:
        self.figures: list[str] = []
        self.used: list[tuple[Kind, str]] = []
        self.approximated: list[Approximation] = []
        self.ignored: list[str] = []
        self.styles: list[Style] = []
        self.unstyled: list[str] = []
        self.near_style: str | None = None
        self.wanted: list[str] = []
        self.unwanted: list[str] = []
        self.moods: list[str] = []
        self.pace: float | None = None
        self.mode: str | None = None
        self.lift = 0.0
        self.metre_asked: str | None = None
        self.era: int | None = None
        self.hints: dict[str, TimePoint | None] = {}
        self.pattern: str | None = None
        self.playing: dict[str, str] = {}
        self.is_alone = False
        self.is_coloured = False
        self.dance: str | None = None
        self._later: list[tuple[str, str]] = []
        self._decade: str | None = None

    def metre(self, metre: str, written: str) -> None:
        """Notes a metre; the first counts, and what is not played is only nearly met."""
        if self.metre_asked is None:
            self.metre_asked = metre
        given = metres.metre_named(self.metre_asked).name
        if metre in {given, "2/2"}:
            self.figures.append(written)
        else:
            self.approximated.append(Approximation(written, given))

    def decade(self, year: int, written: str) -> None:
        """Notes a decade."""
        if self.era is None:
            self.era, self._decade = year, written

    def hear(self, hits: Sequence[Hit], negations: Negations, moments: Sequence[Clocked]) -> None:
        """Notes all hits in their order; ``moments`` belong to the phrases of form, in their order too."""
        times = list(moments)
        for turn, hit in enumerate(hits):
            if hit.kind is Kind.FORM:
                self._form(hit, hits[max(0, turn - REACH) : turn + REACH + 1], times, negations)
            elif hit.kind not in SAYS_NOTHING:
                self._hear(hit, is_denied=negations.denies(hit))
        self.ignored.extend(one.written for one in times)

    def alone(self, marks: Sequence[Hit]) -> None:
        """Notes the words that leave everybody else out, if anybody who was asked for can play at all."""
        for mark in marks:
            if str(mark.value) in CATALOGUE:
                self.wanted.append(str(mark.value))
                given = f"{CATALOGUE[str(mark.value)].name} without words"
                self.approximated.append(Approximation(mark.written, given))
            else:
                self.used.append((Kind.INSTRUMENT, mark.written))
        players = [name for name in self.wanted if name not in self.unwanted]
        self.is_alone = bool(marks) and any(
            name in STEMS or default_parts.default_stem(name) != "texture" for name in players
        )

    def spell(self, row: Sequence[Word], known: set[int]) -> None:
        """Notes a form in letters, as "AABA form"; its places are then known."""
        for place, word in enumerate(row):
            if place not in known and word.plain in PATTERNS and self.pattern is None:
                self.pattern = word.plain
                self.used.append((Kind.FORM, word.written))
                known.add(place)
            elif word.plain in FORM_WORDS and (self.pattern or word.plain == "rondo"):
                self.pattern = self.pattern or "abaca"
                known.add(place)

    def settle(self, style: Style) -> None:
        """Tells what came of styles and decades now that the style is chosen."""
        for key, written in self._later:
            if key == "piano" != style.key and default_parts.SOLO_WORDS.search(written):
                self.wanted.append("piano")
                self.is_alone = True
                self.used.append((Kind.INSTRUMENT, written))
            elif key == style.key:
                self.used.append((Kind.STYLE, written))
            else:
                self.approximated.append(Approximation(written, style.name))
        if self._decade and not self.styles and style.key in vocabulary.ERAS.get(self.era or 0, ()):
            self.used.append((Kind.ERA, self._decade))
        elif self._decade:
            colour = articulation.ERA_SOUNDS.get(self.era or 0) if self.styles or self.near_style else None
            self.is_coloured = colour is not None
            given = f"{style.name} with {colour.name}" if colour else style.name
            self.approximated.append(Approximation(self._decade, given))

    def _hear(self, hit: Hit, *, is_denied: bool) -> None:
        match hit.kind:
            case Kind.STYLE | Kind.NEAR_STYLE:
                self._style(hit, is_denied=is_denied)
            case Kind.INSTRUMENT:
                self._instrument(hit, is_denied=is_denied)
            case Kind.METRE:
                self.metre(str(hit.value), hit.written)
                self.dance = self.dance or vocabulary.DANCES.get(folded(hit.written))
            case Kind.ERA:
                self.decade(int(float(hit.value)), hit.written)
            case Kind.MOOD:
                self._mood(hit, is_denied=is_denied)
            case Kind.ENERGY:
                self.lift += float(hit.value) * (-0.6 if is_denied else 1.0)
                self._use(hit, is_denied=is_denied)
            case Kind.PLAYING:
                self._playing(hit, is_denied=is_denied)
            case Kind.PACE:
                self._pace(hit, is_denied=is_denied)
            case _:
                self._mode(hit, is_denied=is_denied)

    def _use(self, hit: Hit, *, is_denied: bool = False) -> None:
        self.used.append((hit.kind, f"no {hit.written}" if is_denied else hit.written))

    def _style(self, hit: Hit, *, is_denied: bool) -> None:
        key = first_style(str(hit.value))
        if key is None:
            self.ignored.append(hit.written)
        elif is_denied:
            self.unstyled.append(key)
            self._use(hit, is_denied=True)
        elif hit.kind is Kind.STYLE:
            self.styles.append(STYLES[key])
            self._later.append((key, hit.written))
        else:
            self.near_style = self.near_style or key
            self.approximated.append(Approximation(hit.written, STYLES[key].name))

    def _instrument(self, hit: Hit, *, is_denied: bool) -> None:
        concept = str(hit.value)
        options = vocabulary.RELATIVES.get(concept, (concept,))
        name = next((one for one in options if one in CATALOGUE or one in STEMS), None)
        if is_denied:
            if name is not None and (name == options[0] or concept == "vocals" or name not in STEMS):
                self.unwanted.append(name)
            self._use(hit, is_denied=True)
        elif name is None:
            self.ignored.append(hit.written)
        else:
            self.wanted.append(name)
            self._seat(hit, concept, name, options)

    def _seat(self, hit: Hit, concept: str, name: str, options: tuple[str, ...]) -> None:
        if name == options[0] or concept in name:
            self._use(hit)
        else:
            given = CATALOGUE[name].name if name in CATALOGUE else name
            self.approximated.append(Approximation(hit.written, given))

    def _mood(self, hit: Hit, *, is_denied: bool) -> None:
        if is_denied:
            self.lift -= 0.5 * vocabulary.MOOD_ENERGY[str(hit.value)]
        else:
            self.moods.append(str(hit.value))
        self._use(hit, is_denied=is_denied)

    def _playing(self, hit: Hit, *, is_denied: bool) -> None:
        way = articulation.OPPOSITES.get(str(hit.value)) if is_denied else str(hit.value)
        if way is None or articulation.is_conflicting(way, self.playing):
            self.ignored.append(hit.written)
        else:
            self.playing.setdefault(way, f"no {hit.written}" if is_denied else hit.written)
            self._use(hit, is_denied=is_denied)

    def _pace(self, hit: Hit, *, is_denied: bool) -> None:
        lean = float(hit.value) * (-0.4 if is_denied else 1.0)
        if self.pace is None:
            self.pace = lean
            self._use(hit, is_denied=is_denied)
        elif self.pace == lean:
            self._use(hit, is_denied=is_denied)
        else:
            self.ignored.append(hit.written)

    def _mode(self, hit: Hit, *, is_denied: bool) -> None:
        if self.mode is None and not is_denied:
            self.mode = str(hit.value)
            self._use(hit)
        else:
            self.ignored.append(hit.written)

    def _form(self, hit: Hit, near: Sequence[Hit], times: list[Clocked], negations: Negations) -> None:
        hint = str(hit.value)
        if negations.denies(hit):
            self._use(hit, is_denied=True)
            return
        self._use(hit)
        moment = _moment(hit, near, times) if hint in DEFAULT_POSITIONS else None
        if hint not in self.hints:
            self.hints[hint] = moment


def _moment(hit: Hit, near: Sequence[Hit], times: list[Clocked]) -> TimePoint | None:
    """Where a moment was asked: the next time in seconds, or else the nearest word for a place, later ones first."""
    if times:
        return TimePoint(0.5, times.pop(0).seconds)
    places = [one for one in near if one.kind is Kind.PLACE and abs(one.first - hit.first) <= REACH + 2]
    if not places:
        return None
    nearest = min(places, key=lambda one: one.first - hit.last if one.first > hit.first else 2 + hit.first - one.last)
    return TimePoint(float(nearest.value))
