"""Explicit musical properties of a request: their rules, and their JSON in the table of generations."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StrictFloat, TypeAdapter, ValidationInfo
from pydantic.dataclasses import dataclass

from core import language_tags
from engines.port import Controls
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations.support import SUPPORTED, capability, check_instruments

MAX_INSTRUMENTS: Final = 20
MAX_SECTIONS: Final = 32
MAX_NEGATIVE_PROMPT_LENGTH: Final = 1000

_STORED: Final = TypeAdapter(Controls)

_KEY: Final = re.compile(r"([a-g])[\s-]*(#|♯|sharp|b|♭|flat)?[\s-]*([a-z\s-]*)", re.IGNORECASE)
_ACCIDENTALS: Final[Mapping[str, str]] = {"": "", "#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}
_MODE_ALIASES: Final[Mapping[str, str]] = {
    "": "major", "maj": "major", "ionian": "major", "m": "minor", "min": "minor", "aeolian": "minor",
}  # fmt: skip
_METRE: Final = re.compile(r"(\d{1,2})\s*/\s*(\d{1,2})")


def _check_key(text: str, info: ValidationInfo[EngineRegistry]) -> str:
    found = capability(info)
    if found is None or not found.values:
        return text
    key = _parse_key(text, found.values)
    if key is None:
        modes = ", ".join(found.values)
        raise validation.rule_error(
            f"Must be a note from A to G, with # or b if needed, and one of the modes {modes}: for example C# minor."
        )
    return key


def _parse_key(text: str, modes: tuple[str, ...]) -> str | None:
    """Return the usual spelling of a key: "C# minor" for "c#m". A note without a mode is major."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    mode = " ".join(re.split(r"[\s-]+", match[3].lower()))
    # a capital M means major
    mode = "major" if match[3] == "M" else _MODE_ALIASES.get(mode, mode)
    return f"{match[1].upper()}{_ACCIDENTALS[(match[2] or '').lower()]} {mode}" if mode in modes else None


def _check_metre(text: str, info: ValidationInfo[EngineRegistry]) -> str:
    found = capability(info)
    if found is None or not found.values:
        return text
    match = _METRE.fullmatch(text)
    metre = f"{int(match[1])}/{int(match[2])}" if match else text
    if metre not in found.values:
        raise validation.rule_error(f"Must be one of {', '.join(found.values)}.")
    return metre


def _check_language(text: str, info: ValidationInfo[EngineRegistry]) -> str:
    tag = language_tags.normalize(text)
    if tag is None:
        raise validation.rule_error("Must be a language tag by BCP 47, such as de, pt-BR or zh-Hant.")
    found = capability(info)
    if found is not None and found.values and language_tags.look_up(tag, found.values) is None:
        raise validation.rule_error(f"Must be one of the languages of this engine: {', '.join(found.values)}.")
    return tag


_Name = Annotated[str, validation.Text(1, 64)]
_InstrumentNames = Annotated[tuple[_Name, ...], Field(max_length=MAX_INSTRUMENTS)]

LanguageTag = Annotated[str, validation.Text(1, language_tags.MAX_LENGTH), SUPPORTED, AfterValidator(_check_language)]
"""The language of lyrics in the usual case, such as "pt-BR"."""
TempoBpm = Annotated[StrictFloat, Field(allow_inf_nan=False), SUPPORTED]
KeyName = Annotated[str, validation.Text(1, 64), SUPPORTED, AfterValidator(_check_key)]
"""A key, normalized to the form "C# minor"."""
MetreName = Annotated[str, validation.Text(1, 16), SUPPORTED, AfterValidator(_check_metre)]
NegativePrompt = Annotated[str, validation.Text(1, MAX_NEGATIVE_PROMPT_LENGTH), SUPPORTED]
Structure = Annotated[tuple[_Name, ...], Field(max_length=MAX_SECTIONS), SUPPORTED]
Level = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False), SUPPORTED]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class InstrumentSelection:
    """Names of instruments to play, to leave out, and to play alone."""

    include: _InstrumentNames = ()
    exclude: _InstrumentNames = ()
    only: _InstrumentNames = ()


Instruments = Annotated[InstrumentSelection, AfterValidator(check_instruments)]


def to_json(controls: Controls) -> dict[str, Any] | None:
    """Return the controls that were given as JSON values, or None if there are none."""
    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(controls).items()
        if value not in (None, ())
    }
    return given or None


def from_json(stored: Mapping[str, Any] | None) -> Controls:
    """Return the controls of a generation from their column."""
    return _STORED.validate_python(stored or {})


def texts(controls: Controls) -> list[str | None]:
    """Return all texts of the controls, which the content policy applies to."""
    names = (*controls.include, *controls.exclude, *controls.only, *controls.structure)
    return [controls.negative_prompt, *names]
