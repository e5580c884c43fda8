"""Decides the style of a request: the one that its prompt names, or else the one that suits the rest best."""

from collections.abc import Sequence
from dataclasses import dataclass

from engines.studio.model.style import Style
from engines.studio.prompt.genres import suitability
from engines.studio.prompt.genres.associations import DECADE_VARIANTS
from engines.studio.prompt.genres.heads import NamedStyle, find_head
from engines.studio.prompt.genres.suitability import Evidence
from engines.studio.prompt.instrument_concepts import without_percussion
from engines.studio.prompt.mentions import Scanner
from engines.studio.prompt.phrases.phrase_meanings import PhraseMatch
from engines.studio.prompt.requirements import Requirements
from engines.studio.styles import STYLES


@dataclass(frozen=True, slots=True)
class ResolvedStyle:
    """The style of a request, what the prompt names, and the sentence of the report if it names none."""

    style: Style
    named: NamedStyle | None
    note: str | None

    @property
    def tokens(self) -> frozenset[int]:
        """The indexes of the words that make a style a colour, such as "influenced"."""
        return self.named.tokens if self.named else frozenset()


def resolve_style(
    requirements: Requirements,
    scanner: Scanner,
    matches: Sequence[PhraseMatch],
    languages: Sequence[str],
    tempo: float | None,
) -> ResolvedStyle:
    """Return the style of a request whose phrases have been added to ``requirements``. ``tempo`` is in BPM."""
    evidence = _evidence(requirements, tempo)
    named = find_head(requirements.styles, scanner, matches, languages)
    if named is None:
        style = suitability.choose_style(evidence)
        return ResolvedStyle(style, None, suitability.describe_choice(style, evidence))
    style = STYLES[DECADE_VARIANTS.get((named.head.style, evidence.decade), named.head.style)]
    if named.head.is_vague:
        style = suitability.choose_of_family(style, named.head.family, evidence)
    return ResolvedStyle(style, named, None)


def _evidence(requirements: Requirements, tempo: float | None) -> Evidence:
    return Evidence(
        moods=tuple(dict.fromkeys(requirements.moods)),
        tempo=tempo,
        tempo_lean=requirements.tempo_lean or 0.0,
        instruments=tuple(dict.fromkeys(name for name in requirements.included if name not in requirements.excluded)),
        concepts=tuple(dict.fromkeys(requirements.concepts)),
        decade=requirements.decade,
        metre=requirements.metre,
        energy_offset=requirements.energy_offset,
        excluded_styles=frozenset(requirements.excluded_styles),
        excluded_instruments=frozenset(without_percussion(requirements.included, requirements.excluded)),
        scenes=tuple((scene, match.text) for scene, match in requirements.scenes),
    )
