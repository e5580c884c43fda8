"""Adds the phrases of a prompt to its requirements: every meaning that applies, changed by the words around it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.remarks import RemarkCode
from engines.studio.orchestration import transformation_table, transformations
from engines.studio.prompt.form import highlights
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.genres.style_mention import StyleMention
from engines.studio.prompt.instrument_concepts import known_instrument
from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.prompt.negation import Negations, Scope
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind, PhraseMatch, applicable_kinds
from engines.studio.prompt.precedence import LEVELS, Level
from engines.studio.prompt.quantities.lengths import ClockTime
from engines.studio.prompt.requirements import Requirements
from engines.studio.styles import STYLES

NEGATED_SHARE: Final = -0.6
"""The part of an energy that its negation subtracts."""
REDUCED_SHARE: Final = -0.5
WEAKENED_TEMPO_SHARE: Final = -0.4
"""The part of a tempo word that its negation or "less" adds."""


@dataclass(frozen=True, slots=True)
class _Context:
    """A phrase with all its meanings, and how the words around it change it.

    ``degree`` is a strength from 0 to 1 ("slightly").
    """

    phrase: PhraseMatch
    scope: Scope
    degree: float

    @property
    def is_negated(self) -> bool:
        return self.scope.is_negated

    @property
    def is_weakened(self) -> bool:
        return self.scope.is_negated or self.scope.is_reduced

    @property
    def energy_share(self) -> float:
        return NEGATED_SHARE if self.scope.is_negated else REDUCED_SHARE if self.scope.is_reduced else 1.0


def add_phrases(
    requirements: Requirements,
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
            is_negated = negations.is_negated(match)
            _use(requirements, match, is_negated=is_negated)
            if not is_negated:
                position = highlights.position_of(number, matches, remaining_times)
                requirements.form_features.setdefault(str(match.value), position)
        elif match.kind is PhraseKind.NAME:
            _add_name(requirements, match)
        elif match.start not in negations.modifiers:
            context = _Context(match, negations.scope_of(match), degree)
            for kind in applicable_kinds(match):
                if kind in ADDERS:
                    ADDERS[kind](requirements, match.led_by(kind), context)
        strength = match.value_of(PhraseKind.DEGREE)
        degree = float(strength) if strength is not None else 1.0
    requirements.ignored.extend(time.text for time in remaining_times)


def _use(requirements: Requirements, match: PhraseMatch, *, is_negated: bool = False) -> None:
    requirements.use(LEVELS[match.kind], f"no {match.text}" if is_negated else match.text)


def _add_name(requirements: Requirements, match: PhraseMatch) -> None:
    requirements.ignored.append(match.text)
    article = "a " if match.value in {"person", "song", "brand"} else ""
    requirements.notes.append(RemarkCode.NAME_UNUSED.write(words=match.text, kind=f"{article}{match.value}"))


def _add_style(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    key = next((key for key in str(match.value).split("|") if key in STYLES), None)
    if key is None:
        requirements.ignored.append(match.text)
    elif context.is_negated:
        requirements.excluded_styles.append(key)
        _use(requirements, match, is_negated=True)
    else:
        requirements.styles.append(StyleMention(key, context.phrase, match.kind is PhraseKind.STYLE))


def _add_scene(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    if str(match.value) in lexicon.SCENES and not context.is_weakened:
        requirements.scenes.append((str(match.value), context.phrase))
    elif context.phrase.kind is PhraseKind.SCENE:
        requirements.ignored.append(match.text)


def _add_instrument(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    concept = str(match.value)
    name = known_instrument(concept)
    if context.is_negated:
        requirements.exclude(concept, f"no {match.text}")
    elif context.scope.is_reduced and name is not None:
        requirements.reduced.append(name)
        requirements.use(Level.INSTRUMENT, f"less {match.text}")
    else:
        included = requirements.include(concept, match.text)
        if context.scope.is_raised and included:
            requirements.raised.append(included)


def _add_exclusion(requirements: Requirements, match: PhraseMatch, _: _Context) -> None:
    requirements.exclude(str(match.value), match.text)


def _add_decade(requirements: Requirements, match: PhraseMatch, _: _Context) -> None:
    requirements.add_decade(int(match.value), match.text)


def _add_metre(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    """Add a metre. The name of a dance is also that of a style, with which it is reported."""
    is_style = any(context.phrase.value_of(kind) for kind in (PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE))
    if is_style and not context.is_negated:
        requirements.metre = requirements.metre or str(match.value)
    elif context.is_negated and not is_style:
        requirements.ignored.append(match.text)
    elif not is_style:
        requirements.add_metre(str(match.value), match.text)


def _add_energy(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    requirements.energy_offset += float(match.value) * context.energy_share
    _use(requirements, match, is_negated=context.is_negated)


def _add_mood(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    if context.is_weakened:
        requirements.energy_offset += REDUCED_SHARE * MOOD_ENERGY[str(match.value)]
    else:
        requirements.moods.append(str(match.value))
    _use(requirements, match, is_negated=context.is_negated)


def _add_transformation(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    is_negated = context.is_weakened
    name = transformation_table.OPPOSITES.get(str(match.value)) if is_negated else str(match.value)
    if _transform(requirements, name, f"no {match.text}" if is_negated else match.text, context.degree):
        _use(requirements, match, is_negated=is_negated)
    else:
        requirements.ignored.append(match.text)


def _add_property(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    """Add what more or less of a property means: "many notes", "less treble"."""
    more, less = str(match.value), transformation_table.OPPOSITES.get(str(match.value))
    name, text = (less, f"less {match.text}") if context.is_weakened else (more, f"more {match.text}")
    has_amount = context.is_weakened or context.scope.is_raised
    if has_amount and _transform(requirements, name, text, context.degree):
        _use(requirements, match)
    elif {more, less}.isdisjoint(requirements.transformations):
        requirements.ignored.append(match.text)


def _transform(requirements: Requirements, name: str | None, text: str, degree: float) -> bool:
    """Add a transformation unless an earlier one is contrary; return whether it applies."""
    if name is None:
        return False
    weaker, stronger = transformation_table.WEAKER.get(name), transformation_table.STRONGER.get(name)
    if stronger in requirements.transformations:
        return True
    others = {key: value for key, value in requirements.transformations.items() if key != weaker}
    if transformations.is_conflicting(name, others):
        return False
    requirements.transformations = others
    requirements.transformations.setdefault(name, text)
    if degree < 1.0:
        requirements.strengths.setdefault(name, degree)
    return True


def _add_tempo_word(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    lean = float(match.value) * (WEAKENED_TEMPO_SHARE if context.is_weakened else 1.0)
    if requirements.tempo_lean is None:
        requirements.tempo_lean = lean
    if requirements.tempo_lean == lean:
        _use(requirements, match, is_negated=context.is_weakened)
    else:
        requirements.ignored.append(match.text)


def _add_mode(requirements: Requirements, match: PhraseMatch, context: _Context) -> None:
    if requirements.mode is None and not context.is_negated:
        requirements.mode = str(match.value)
        _use(requirements, match)
    else:
        requirements.ignored.append(match.text)


ADDERS: Final[Mapping[PhraseKind, Callable[[Requirements, PhraseMatch, _Context], None]]] = {
    PhraseKind.STYLE: _add_style,
    PhraseKind.APPROXIMATED_STYLE: _add_style,
    PhraseKind.SCENE: _add_scene,
    PhraseKind.INSTRUMENT: _add_instrument,
    PhraseKind.EXCLUSION: _add_exclusion,
    PhraseKind.METRE: _add_metre,
    PhraseKind.DECADE: _add_decade,
    PhraseKind.MOOD: _add_mood,
    PhraseKind.ENERGY: _add_energy,
    PhraseKind.TRANSFORMATION: _add_transformation,
    PhraseKind.PROPERTY: _add_property,
    PhraseKind.TEMPO: _add_tempo_word,
    PhraseKind.MODE: _add_mode,
}
"""What each kind of phrase changes; other kinds only change the phrases around them."""
