"""Ranks styles by how well they suit moods, tempo, instruments, decade and metre, for requests that name no style."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.remarks import RemarkCode
from engines.studio.instruments.groups import excluded_members, members
from engines.studio.model.style import Style
from engines.studio.prompt import instrument_concepts
from engines.studio.prompt.genres import associations, lexicon
from engines.studio.prompt.instrument_concepts import realize
from engines.studio.styles import STYLES

TYPICAL_STYLES: Final[Mapping[str, Sequence[str]]] = {
    **lexicon.TYPICAL_STYLES,
    **instrument_concepts.TYPICAL_STYLES,
}
"""Styles of which an instrument or a concept is typical, the most typical one first."""
DEFAULT_STYLE: Final = "lofi"
"""The style of a request that says nothing about the music."""
MOOD_WEIGHT, MOOD_RANK_FALL, MOOD_STYLE_WEIGHT = 1.0, 0.3, 0.3
"""A mood that leads the moods of a style counts fully, the next ones less. The style that it suggests alone gets the
last weight (associations.MOOD_STYLES)."""
TEMPO_WEIGHT, USUAL_TEMPO_WEIGHT, MAX_TEMPO_PENALTY = 0.6, 0.3, 1.2
"""A tempo within the range of a style adds the first weight, and up to the second one near its usual tempo; outside it
costs four times the distance in octaves."""
CHARACTER_WEIGHT: Final = 1.3
"""The share of the requested instruments that are typical of a style (TYPICAL_STYLES)."""
INSTRUMENT_WEIGHT: Final = 0.7
"""The share of the requested instruments that a style has; one that it shares with many styles decides little."""
DECADE_WEIGHT: Final = 1.5
METRE_WEIGHT: Final = 0.6
ENERGY_WEIGHT: Final = 0.8
"""A style whose energy is that of the request adds the weight, if the request has an energy."""
SCENE_WEIGHT: Final = 1.5
"""A scene or an occasion whose most typical style is this one; another one of its styles counts less."""
TEMPO_WORD_WEIGHT: Final = 0.5
"""Words for tempo prefer styles whose usual tempo is slow (60 BPM) or fast (160 BPM)."""


FAMILY_MARGIN: Final = 0.5
"""How much better a member of a family ("classical") must fit than its usual style."""
MIN_REASON: Final = 0.3
"""The least suitability by tempo or energy that the report states as a reason."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a request says besides the name of a style.

    ``concepts`` are the instruments as requested, ``scenes`` pairs of a scene and its words.
    """

    moods: Sequence[str] = ()
    tempo: float | None = None
    tempo_lean: float = 0.0
    instruments: Sequence[str] = ()
    concepts: Sequence[str] = ()
    decade: int | None = None
    metre: str | None = None
    energy_offset: float = 0.0
    excluded_styles: Collection[str] = ()
    excluded_instruments: Collection[str] = ()
    scenes: Sequence[tuple[str, str]] = ()

    @property
    def says_only_instruments(self) -> bool:
        others = (self.tempo, self.tempo_lean, self.decade, self.metre, self.energy_offset)
        return not (self.moods or self.scenes or any(others))

    @property
    def is_empty(self) -> bool:
        named = (self.tempo, self.tempo_lean, self.decade, self.metre, self.energy_offset)
        return not (self.moods or self.instruments or self.scenes or any(named))


def choose_style(evidence: Evidence) -> Style:
    """Return the most suitable style; DEFAULT_STYLE if there is no evidence."""
    styles = [style for style in STYLES.values() if style.key not in evidence.excluded_styles]
    if evidence.is_empty:
        default = STYLES[DEFAULT_STYLE]
        return default if default in styles else styles[0]
    best = _best(styles, evidence)
    says_little = evidence.says_only_instruments and suitability(best, evidence) <= 0.0
    return STYLES[DEFAULT_STYLE] if says_little and STYLES[DEFAULT_STYLE] in styles else best


def choose_of_family(style: Style, family: Collection[str], evidence: Evidence) -> Style:
    """Return the style of a family that the evidence suggests: ``style``, unless another one is clearly better."""
    relatives = [STYLES[key] for key in family if key in STYLES and key not in evidence.excluded_styles]
    best = _best([style, *relatives], evidence)
    return best if suitability(best, evidence) > suitability(style, evidence) + FAMILY_MARGIN else style


def _best(styles: Sequence[Style], evidence: Evidence) -> Style:
    return max(styles, key=lambda style: (round(suitability(style, evidence), 6), -len(style.parts)))


def suitability(style: Style, evidence: Evidence) -> float:
    """Return how well a style suits the evidence: a weighted sum, higher for a better fit."""
    return (
        _mood_suitability(style, evidence.moods)
        + _tempo_suitability(style, evidence)
        + _instrument_suitability(style, evidence)
        + DECADE_WEIGHT * _rank_share(style.key, associations.DECADE_STYLES.get(evidence.decade or 0, ()))
        + METRE_WEIGHT * _rank_share(style.key, associations.METRE_STYLES.get(evidence.metre or "", ()))
        + _energy_suitability(style, evidence.energy_offset)
        + SCENE_WEIGHT * sum(_scene_shares(style, evidence.scenes).values())
        - _exclusion_penalty(style, evidence.excluded_instruments)
    )


def _mood_suitability(style: Style, moods: Sequence[str]) -> float:
    own = sum(MOOD_WEIGHT / (1 + MOOD_RANK_FALL * style.moods.index(mood)) for mood in moods if mood in style.moods)
    return own + MOOD_STYLE_WEIGHT * sum(associations.MOOD_STYLES[mood] == style.key for mood in moods)


def _tempo_suitability(style: Style, evidence: Evidence) -> float:
    slow, usual, fast = style.tempo_range
    lean = TEMPO_WORD_WEIGHT * evidence.tempo_lean * max(-1.0, min(1.0, (usual - 110.0) / 50.0))
    if not evidence.tempo:
        return lean
    if slow <= evidence.tempo <= fast:
        distance = abs(math.log2(evidence.tempo / usual))
        return lean + TEMPO_WEIGHT + USUAL_TEMPO_WEIGHT * max(0.0, 1.0 - 4.0 * distance)
    distance = abs(math.log2(evidence.tempo / (slow if evidence.tempo < slow else fast)))
    return lean - min(MAX_TEMPO_PENALTY, 4.0 * distance)


def _instrument_suitability(style: Style, evidence: Evidence) -> float:
    """Return how well a style has the exact instruments and is typical of all concepts, both as shares."""
    if not evidence.concepts:
        return 0.0
    instruments = [found.name for found in map(realize, evidence.concepts) if found.is_exact and found.name]
    own = {part.instrument for part in style.parts} | {part.stem for part in style.parts}
    has = sum(not own.isdisjoint(members(name)) for name in instruments)
    typical = sum(_rank_share(style.key, _typical_styles(concept)) for concept in evidence.concepts)
    return (INSTRUMENT_WEIGHT * has + CHARACTER_WEIGHT * typical) / len(evidence.concepts)


def _typical_styles(concept: str) -> Sequence[str]:
    """Return the styles of which a concept is typical, or else the instrument of which it is another name."""
    own = TYPICAL_STYLES.get(concept)
    found = realize(concept)
    return own or (TYPICAL_STYLES.get(found.name or "", ()) if found.is_exact else ())


def _rank_share(style: str, styles: Sequence[str]) -> float:
    """Return 1 for the first existing style of a list, 0.8 for the others in it, otherwise 0."""
    present = [key for key in styles if key in STYLES]
    return 0.0 if style not in present else 1.0 if present[0] == style else 0.8


def _scene_shares(style: Style, scenes: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return how typical a style is of each scene, by its words; words for the same scene count once."""
    first: dict[str, str] = {}
    for scene, words in scenes:
        first.setdefault(scene, words)
    return {words: _rank_share(style.key, lexicon.SCENES[scene]) for scene, words in first.items()}


def _energy_suitability(style: Style, offset: float) -> float:
    if not offset:
        return 0.0
    return ENERGY_WEIGHT * (1.0 - 2.0 * abs(style.energy - max(0.1, min(1.0, 0.5 + offset))))


def _exclusion_penalty(style: Style, excluded: Collection[str]) -> float:
    """Return a small penalty for a style that depends on excluded instruments."""
    removed = excluded_members(excluded)
    own = [part for part in style.parts if part.instrument in removed or part.stem in excluded]
    return len(own) / len(style.parts)


def describe_choice(style: Style, evidence: Evidence) -> str:
    """Return the sentence of a report about the chosen style, with the reasons for it."""
    if evidence.is_empty:
        return RemarkCode.STYLE_DEFAULT.write(style=style.name)
    *first, last = _reasons(style, evidence) or ["what was said"]
    reasons = f"{', '.join(first)} and {last}" if first else last
    return RemarkCode.STYLE_CHOSEN.write(style=style.name, reasons=reasons)


def _reasons(style: Style, evidence: Evidence) -> list[str]:
    reasons = [words for words, share in _scene_shares(style, evidence.scenes).items() if share]
    reasons += [f'the mood "{mood}"' for mood in evidence.moods if mood in style.moods]
    reasons += _instrument_reasons(style, evidence)
    reasons += ["the tempo"] if _tempo_suitability(style, evidence) > MIN_REASON else []
    reasons += ["the decade"] if style.key in associations.DECADE_STYLES.get(evidence.decade or 0, ()) else []
    reasons += ["the metre"] if style.key in associations.METRE_STYLES.get(evidence.metre or "", ()) else []
    return reasons + (["the energy"] if _energy_suitability(style, evidence.energy_offset) > MIN_REASON else [])


def _instrument_reasons(style: Style, evidence: Evidence) -> list[str]:
    own = {part.instrument for part in style.parts} | {part.stem for part in style.parts}
    return [
        concept.replace("_", " ")
        for concept in evidence.concepts
        if style.key in _typical_styles(concept) or not own.isdisjoint(members(concept))
    ]
