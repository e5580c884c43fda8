"""Collects the requirements of a prompt, and records which phrases were used, approximated or ignored."""

from collections.abc import Sequence
from typing import Final

from engines.port import Approximation
from engines.studio.instruments import CATALOGUE, STEMS
from engines.studio.model.form_request import DEFAULT_POSITIONS, TimePoint
from engines.studio.model.style import Style
from engines.studio.orchestration import default_parts, transformations
from engines.studio.orchestration.era_sounds import ERA_SOUNDS
from engines.studio.prompt import vocabulary
from engines.studio.prompt.negation import Negations
from engines.studio.prompt.numbers import ClockTime
from engines.studio.prompt.phrases import NON_MUSICAL_KINDS, PhraseKind, PhraseMatch
from engines.studio.prompt.scripts import normalize
from engines.studio.prompt.tokens import Token
from engines.studio.styles import STYLES
from engines.studio.theory import metre as metres

THEME_ORDERS: Final = frozenset(
    {"aba", "aaba", "abab", "ababa", "ababcb", "abac", "abaca", "abacaba", "abc", "abcba", "aab", "aabb"}
)
FORM_WORDS: Final = frozenset({"form", "forma", "forme", "structure", "struktur", "struttura", "estructura", "rondo"})
MAX_PHRASES_APART: Final = 5
MAX_TOKENS_APART: Final = 7
"""Largest distances between a moment ("drop") and its position ("in the middle")."""


class Requirements:
    """The requirements that have been read so far."""

    def __init__(self) -> None:
        self.numeric_phrases: list[str] = []
        self.used: list[tuple[PhraseKind, str]] = []
        self.approximated: list[Approximation] = []
        self.ignored: list[str] = []
        self.styles: list[Style] = []
        self.excluded_styles: list[str] = []
        self.near_style: str | None = None
        self.included: list[str] = []
        self.excluded: list[str] = []
        self.moods: list[str] = []
        self.tempo_lean: float | None = None
        self.mode: str | None = None
        self.energy_offset = 0.0
        self.requested_metre: str | None = None
        self.era: int | None = None
        self.form_hints: dict[str, TimePoint | None] = {}
        self.theme_order: str | None = None
        self.transformations: dict[str, str] = {}
        self.is_solo = False
        self.has_era_sound = False
        self.dance_style: str | None = None
        self._style_phrases: list[tuple[str, str]] = []
        self._decade_text: str | None = None

    def add_metre(self, metre: str, text: str) -> None:
        """Add a metre. The first one counts; one that cannot be played is approximated."""
        if self.requested_metre is None:
            self.requested_metre = metre
        delivered = metres.metre_named(self.requested_metre).name
        if metre in {delivered, "2/2"}:
            self.numeric_phrases.append(text)
        else:
            self.approximated.append(Approximation(text, delivered))

    def add_decade(self, year: int, text: str) -> None:
        if self.era is None:
            self.era, self._decade_text = year, text

    def add_phrases(
        self, matches: Sequence[PhraseMatch], negations: Negations, clock_times: Sequence[ClockTime]
    ) -> None:
        """Add all phrases in order. The clock times are assigned in order to the moments of the form."""
        remaining_times = list(clock_times)
        for number, match in enumerate(matches):
            if match.kind is PhraseKind.FORM:
                nearby = matches[max(0, number - MAX_PHRASES_APART) : number + MAX_PHRASES_APART + 1]
                self._add_form_hint(match, nearby, remaining_times, negations)
            elif match.kind not in NON_MUSICAL_KINDS:
                self._add_phrase(match, is_negated=negations.is_negated(match))
        self.ignored.extend(time.text for time in remaining_times)

    def add_exclusivity_markers(self, markers: Sequence[PhraseMatch]) -> None:
        """Exclude all instruments but the included ones, unless none of those can play a part."""
        for marker in markers:
            if str(marker.value) in CATALOGUE:
                self.included.append(str(marker.value))
                delivered = f"{CATALOGUE[str(marker.value)].name} without words"
                self.approximated.append(Approximation(marker.text, delivered))
            else:
                self.used.append((PhraseKind.INSTRUMENT, marker.text))
        names = [name for name in self.included if name not in self.excluded]
        self.is_solo = bool(markers) and any(
            name in STEMS or default_parts.default_stem(name) != "texture" for name in names
        )

    def add_theme_order(self, tokens: Sequence[Token], known: set[int]) -> None:
        """Add a form given in letters ("AABA form") and add its token indexes to ``known``."""
        for index, token in enumerate(tokens):
            if index not in known and token.normalized in THEME_ORDERS and self.theme_order is None:
                self.theme_order = token.normalized
                self.used.append((PhraseKind.FORM, token.text))
                known.add(index)
            elif token.normalized in FORM_WORDS and (self.theme_order or token.normalized == "rondo"):
                self.theme_order = self.theme_order or "abaca"
                known.add(index)

    def resolve_style(self, style: Style) -> None:
        """Record which phrases for styles and decades the chosen style matches."""
        for key, text in self._style_phrases:
            if key == "piano" != style.key and default_parts.SOLO_WORDS.search(text):
                self.included.append("piano")
                self.is_solo = True
                self.used.append((PhraseKind.INSTRUMENT, text))
            elif key == style.key:
                self.used.append((PhraseKind.STYLE, text))
            else:
                self.approximated.append(Approximation(text, style.name))
        if self._decade_text and not self.styles and style.key in vocabulary.ERA_STYLES.get(self.era or 0, ()):
            self.used.append((PhraseKind.ERA, self._decade_text))
        elif self._decade_text:
            sound = ERA_SOUNDS.get(self.era or 0) if self.styles or self.near_style else None
            self.has_era_sound = sound is not None
            delivered = f"{style.name} with {sound.name}" if sound else style.name
            self.approximated.append(Approximation(self._decade_text, delivered))

    def _add_phrase(self, match: PhraseMatch, *, is_negated: bool) -> None:
        match match.kind:
            case PhraseKind.STYLE | PhraseKind.NEAR_STYLE:
                self._add_style(match, is_negated=is_negated)
            case PhraseKind.INSTRUMENT:
                self._add_instrument(match, is_negated=is_negated)
            case PhraseKind.METRE:
                self.add_metre(str(match.value), match.text)
                self.dance_style = self.dance_style or vocabulary.DANCE_STYLES.get(normalize(match.text))
            case PhraseKind.ERA:
                self.add_decade(int(match.value), match.text)
            case PhraseKind.MOOD:
                self._add_mood(match, is_negated=is_negated)
            case PhraseKind.ENERGY:
                self.energy_offset += float(match.value) * (-0.6 if is_negated else 1.0)
                self._mark_used(match, is_negated=is_negated)
            case PhraseKind.TRANSFORMATION:
                self._add_transformation(match, is_negated=is_negated)
            case PhraseKind.TEMPO:
                self._add_tempo_lean(match, is_negated=is_negated)
            case _:
                self._add_mode(match, is_negated=is_negated)

    def _mark_used(self, match: PhraseMatch, *, is_negated: bool = False) -> None:
        self.used.append((match.kind, f"no {match.text}" if is_negated else match.text))

    def _add_style(self, match: PhraseMatch, *, is_negated: bool) -> None:
        key = next((key for key in str(match.value).split("|") if key in STYLES), None)
        if key is None:
            self.ignored.append(match.text)
        elif is_negated:
            self.excluded_styles.append(key)
            self._mark_used(match, is_negated=True)
        elif match.kind is PhraseKind.STYLE:
            self.styles.append(STYLES[key])
            self._style_phrases.append((key, match.text))
        else:
            self.near_style = self.near_style or key
            self.approximated.append(Approximation(match.text, STYLES[key].name))

    def _add_instrument(self, match: PhraseMatch, *, is_negated: bool) -> None:
        concept = str(match.value)
        options = vocabulary.INSTRUMENT_FALLBACKS.get(concept, (concept,))
        name = next((name for name in options if name in CATALOGUE or name in STEMS), None)
        if is_negated:
            if name is not None and (name == options[0] or concept == "vocals" or name not in STEMS):
                self.excluded.append(name)
            self._mark_used(match, is_negated=True)
        elif name is None:
            self.ignored.append(match.text)
        else:
            self.included.append(name)
            if name == options[0] or concept in name:
                self._mark_used(match)
            else:
                delivered = CATALOGUE[name].name if name in CATALOGUE else name
                self.approximated.append(Approximation(match.text, delivered))

    def _add_mood(self, match: PhraseMatch, *, is_negated: bool) -> None:
        if is_negated:
            self.energy_offset -= 0.5 * vocabulary.MOOD_ENERGY[str(match.value)]
        else:
            self.moods.append(str(match.value))
        self._mark_used(match, is_negated=is_negated)

    def _add_transformation(self, match: PhraseMatch, *, is_negated: bool) -> None:
        name = transformations.OPPOSITES.get(str(match.value)) if is_negated else str(match.value)
        if name is None or transformations.is_conflicting(name, self.transformations):
            self.ignored.append(match.text)
        else:
            self.transformations.setdefault(name, f"no {match.text}" if is_negated else match.text)
            self._mark_used(match, is_negated=is_negated)

    def _add_tempo_lean(self, match: PhraseMatch, *, is_negated: bool) -> None:
        lean = float(match.value) * (-0.4 if is_negated else 1.0)
        if self.tempo_lean is None:
            self.tempo_lean = lean
        if self.tempo_lean == lean:
            self._mark_used(match, is_negated=is_negated)
        else:
            self.ignored.append(match.text)

    def _add_mode(self, match: PhraseMatch, *, is_negated: bool) -> None:
        if self.mode is None and not is_negated:
            self.mode = str(match.value)
            self._mark_used(match)
        else:
            self.ignored.append(match.text)

    def _add_form_hint(
        self, match: PhraseMatch, nearby: Sequence[PhraseMatch], times: list[ClockTime], negations: Negations
    ) -> None:
        hint = str(match.value)
        if negations.is_negated(match):
            self._mark_used(match, is_negated=True)
            return
        self._mark_used(match)
        position = _position(match, nearby, times) if hint in DEFAULT_POSITIONS else None
        self.form_hints.setdefault(hint, position)


def _position(match: PhraseMatch, nearby: Sequence[PhraseMatch], times: list[ClockTime]) -> TimePoint | None:
    """Return the position of a moment: the next clock time, otherwise the nearest phrase, preferably after it."""
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
