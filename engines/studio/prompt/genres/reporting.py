"""Reports what became of each style, scene and decade that a prompt names, and applies the styles that only colour."""

from collections.abc import Collection
from typing import Final

from engines.port import Approximation
from engines.studio.model.style import Style
from engines.studio.orchestration.decade_sounds import DECADE_SOUNDS
from engines.studio.prompt.genres import lexicon
from engines.studio.prompt.genres.associations import DECADE_STYLES, DECADE_VARIANTS
from engines.studio.prompt.genres.colours import colour_of
from engines.studio.prompt.genres.heads import NamedStyle
from engines.studio.prompt.genres.style_mention import SOLO_ENDING, StyleMention
from engines.studio.prompt.instrument_concepts import can_play_alone, display_name, realize
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.requirements import Requirements
from engines.studio.theory import metre as metres

LINE_UPS: Final = frozenset({"quartet", "piano", "classical_piano", "hymn", "march"})
"""Styles that are line-ups, to which a colouring style adds no instruments."""


def report_styles(
    requirements: Requirements,
    named: NamedStyle | None,
    style: Style,
    *,
    subject: Collection[int],
    has_harmony: bool,
) -> None:
    """Report the styles, scenes and decades of a prompt, and add what the colouring styles lend to its style.

    ``subject`` are the tokens of what the music is about; ``has_harmony`` says that the prompt has a chord progression.
    """
    if named:
        _report_head(requirements, named.head, style)
        _report_scoring(requirements, named)
        for mention in named.colours:
            _report_colour(requirements, mention, style, has_harmony=has_harmony)
        for mention in named.others:
            _report_second(requirements, mention, style)
    _report_scenes(requirements, style, subject)
    _report_decade(requirements, style, is_named=named is not None)


def _report_head(requirements: Requirements, mention: StyleMention, style: Style) -> None:
    key = DECADE_VARIANTS.get((mention.style, requirements.decade), mention.style)
    if mention.is_exact and key == style.key:
        requirements.use(Level.STYLE, mention.match.text)
        if requirements.metre is None and style.metre != metres.COMMON_TIME.name:
            requirements.metre = style.metre
        return
    metre = mention.match.value_of(PhraseKind.METRE)
    is_other_metre = metre == requirements.metre and metre not in {None, style.metre}
    given = f"{style.name} in {metre}" if is_other_metre else style.name
    requirements.approximated.append(Approximation(mention.match.text, given))


def _report_scoring(requirements: Requirements, named: NamedStyle) -> None:
    """Let the instruments for which the style is scored play alone, unless the request lists others that do."""
    if requirements.is_solo:
        requirements.ignored.extend(mention.text for mention in named.ensembles)
        return
    for mention in named.ensembles:
        found = [realize(concept) for concept in mention.scoring]
        names = tuple(dict.fromkeys(instrument.name for instrument in found if instrument.name))
        requirements.included.extend(name for name in names if name not in requirements.included)
        if all(instrument.is_exact for instrument in found):
            requirements.use(Level.INSTRUMENT, mention.text)
        else:
            requirements.approximated.append(Approximation(mention.text, ", ".join(map(display_name, names))))
    if named.ensembles or named.is_scored:
        requirements.is_solo = can_play_alone(requirements.included, requirements.excluded)


def _report_colour(requirements: Requirements, mention: StyleMention, style: Style, *, has_harmony: bool) -> None:
    text = mention.text
    if mention.is_solo_piano:
        requirements.included.append("piano")
        requirements.use(Level.INSTRUMENT, text)
        if text.endswith(SOLO_ENDING):
            requirements.solo_sections.append("piano")
        else:
            requirements.is_solo = True
    elif mention.is_rhythm or mention.style == style.key:
        _report_second(requirements, mention, style)
    else:
        colour = colour_of(
            mention.style,
            style,
            requirements.excluded,
            has_harmony=has_harmony or requirements.harmony is not None,
            can_add=not requirements.is_solo and style.key not in LINE_UPS,
        )
        requirements.harmony = requirements.harmony or colour.harmony
        requirements.included.extend(name for name in colour.instruments if name not in requirements.included)
        requirements.approximated.append(Approximation(text, colour.describe(style)))


def _report_second(requirements: Requirements, mention: StyleMention, style: Style) -> None:
    if mention.is_rhythm and mention.match.value_of(PhraseKind.METRE) == requirements.metre:
        requirements.use(Level.NUMBER, mention.text)
    elif mention.is_rhythm:
        requirements.approximated.append(Approximation(mention.text, f"{style.name} in {requirements.metre}"))
    elif (mention.style == style.key and mention.is_exact) or style.key in mention.family:
        requirements.use(Level.STYLE, mention.text)
    elif not mention.match.value_of(PhraseKind.MOOD):
        requirements.approximated.append(Approximation(mention.text, style.name))


def _report_scenes(requirements: Requirements, style: Style, subject: Collection[int]) -> None:
    """Report a scene as used if it suggests the style, otherwise as ignored unless it is a mood or a subject, too."""
    for scene, match in requirements.scenes:
        if style.key in lexicon.SCENES[scene]:
            requirements.use(Level.MOOD, match.text)
        elif match.kind is PhraseKind.SCENE and match.start not in subject:
            requirements.ignored.append(match.text)


def _report_decade(requirements: Requirements, style: Style, *, is_named: bool) -> None:
    text, decade = requirements.decade_text, requirements.decade
    if not text:
        return
    sound = DECADE_SOUNDS.get(decade or 0) if is_named else None
    is_variant = any(year == decade and key == style.key for (_, year), key in DECADE_VARIANTS.items())
    if not is_variant:
        requirements.has_decade_sound = sound is not None
    if is_variant or style.key in DECADE_STYLES.get(decade or 0, ()):
        requirements.use(Level.DECADE, text)
    else:
        given = f"{style.name} with {sound.name}" if sound else style.name
        requirements.approximated.append(Approximation(text, given))
