"""Reads explicit controls. They take precedence over the words of the prompt."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engines.port import Controls
from engines.remarks import RemarkCode
from engines.studio.instruments import CATALOGUE
from engines.studio.model.form_request import SectionRequest
from engines.studio.prompt import keys
from engines.studio.prompt.form.sections import SECTION_NAMES
from engines.studio.prompt.instrument_concepts import can_play_alone, is_concept, known_instrument
from engines.studio.prompt.mentions import Scanner
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.quantities import metres
from engines.studio.prompt.quantities.tempo import Tempo
from engines.studio.prompt.requirements import Requirements
from engines.studio.prompt.text.tokens import Text
from engines.studio.theory.pitch import MODES

KEY_LABEL: Final = "key: "


@dataclass(frozen=True, slots=True)
class ExplicitValues:
    """The values of explicit controls; None if they are missing or not understood."""

    tempo: Tempo | None = None
    key: keys.NamedKey | None = None
    metre: str | None = None
    sections: tuple[SectionRequest, ...] = ()


def read_controls(controls: Controls, requirements: Requirements) -> ExplicitValues:
    """Read explicit controls, and add instruments to the requirements. Values that are unknown are reported."""
    _add_instruments(controls, requirements)
    return ExplicitValues(
        Tempo(controls.tempo_bpm) if controls.tempo_bpm else None,
        _key(controls.key, requirements),
        _metre(controls.metre, requirements),
        tuple(_sections(controls.structure, requirements)),
    )


def _report_unknown(what: str, value: str, requirements: Requirements) -> None:
    requirements.ignored.append(value)
    requirements.notes.append(RemarkCode.VALUE_UNKNOWN.write(property=what, value=value))


def _key(name: str | None, requirements: Requirements) -> keys.NamedKey | None:
    if not name:
        return None
    note, _, mode = name.partition(" ")
    exact = mode if mode in MODES else None
    found, _ = keys.read_keys(Scanner(Text(KEY_LABEL + (note if exact else name))))
    if not found:
        _report_unknown("key", name, requirements)
        return None
    return replace(found[0].value, mode=exact) if exact else found[0].value


def _metre(name: str | None, requirements: Requirements) -> str | None:
    if not name:
        return None
    found = metres.read_metres(Scanner(Text(name)))
    if not found:
        _report_unknown("metre", name, requirements)
        return None
    requirements.add_metre(found[0].value, name)
    return found[0].value


def _sections(names: Iterable[str], requirements: Requirements) -> Iterable[SectionRequest]:
    for name in names:
        found = SECTION_NAMES.longest(Text(name).tokens, 0)
        if found:
            requirements.use(Level.CONTROL, name)
            yield SectionRequest(found[1][0].value)
        else:
            _report_unknown("section", name, requirements)


def _add_instruments(controls: Controls, requirements: Requirements) -> None:
    for names, is_excluded in ((controls.only, False), (controls.include, False), (controls.exclude, True)):
        for name in names:
            concept = find_instrument(name)
            if concept is None:
                _report_unknown("instrument", name, requirements)
            elif is_excluded:
                requirements.exclude(concept, f"no {name}", level=Level.CONTROL)
            else:
                requirements.include(concept, name, level=Level.CONTROL)
    if controls.only:
        requirements.is_solo = can_play_alone(requirements.included, requirements.excluded)


def find_instrument(name: str) -> str | None:
    """Return the instrument, stem or concept with a name in any language, or with a key; None if there is none."""
    key = name.strip().lower().replace(" ", "_")
    if is_concept(key):
        return key
    tokens = Text(name).tokens
    found = PHRASE_TABLE.longest(tokens, 0) if tokens else None
    if found and found[0] == len(tokens):
        concepts = [str(meaning.value) for meaning in found[1] if meaning.kind is PhraseKind.INSTRUMENT]
        if concepts:
            return concepts[0]
    by_name = (key for key, instrument in CATALOGUE.items() if instrument.name.lower() == name.strip().lower())
    return next((key for key in by_name if known_instrument(key)), None)
