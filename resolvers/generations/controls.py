"""Explicit musical properties of a request: their rules, and their JSON in the table of generations."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StrictFloat, TypeAdapter, ValidationInfo
from pydantic.dataclasses import dataclass

from engines.port import ControlRanges, Controls
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations.engines import requested_engine

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


def _require_support(value: Any, info: ValidationInfo[EngineRegistry]) -> Any:  # noqa: ANN401  of any control
    """Reject a control for an engine that would ignore it."""
    engine = requested_engine(info)
    if engine is not None and engine.controls is None:
        raise validation.rule_error("This engine does not support this field.")
    return value


def _ranges(info: ValidationInfo[EngineRegistry]) -> ControlRanges | None:
    """Return what the engine can meet, or None if the field of the engine is invalid."""
    engine = requested_engine(info)
    return engine.controls if engine else None


def _check_tempo(tempo_bpm: float, info: ValidationInfo[EngineRegistry]) -> float:
    ranges = _ranges(info)
    if ranges is not None and not ranges.min_tempo_bpm <= tempo_bpm <= ranges.max_tempo_bpm:
        raise validation.rule_error(f"Must be from {ranges.min_tempo_bpm:g} to {ranges.max_tempo_bpm:g}.")
    return tempo_bpm


def _check_key(text: str, info: ValidationInfo[EngineRegistry]) -> str:
    ranges = _ranges(info)
    if ranges is None:
        return text
    key = _parse_key(text, ranges.modes)
    if key is None:
        modes = ", ".join(ranges.modes)
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
    ranges = _ranges(info)
    if ranges is None:
        return text
    match = _METRE.fullmatch(text)
    metre = f"{int(match[1])}/{int(match[2])}" if match else text
    if metre not in ranges.metres:
        raise validation.rule_error(f"Must be one of {', '.join(ranges.metres)}.")
    return metre


_SUPPORTED: Final = AfterValidator(_require_support)
_Name = Annotated[str, validation.Text(1, 64)]
_InstrumentNames = Annotated[tuple[_Name, ...], Field(max_length=MAX_INSTRUMENTS)]

TempoBpm = Annotated[StrictFloat, Field(allow_inf_nan=False), AfterValidator(_check_tempo), _SUPPORTED]
KeyName = Annotated[str, validation.Text(1, 64), AfterValidator(_check_key), _SUPPORTED]
"""A key, normalized to the form "C# minor"."""
MetreName = Annotated[str, validation.Text(1, 16), AfterValidator(_check_metre), _SUPPORTED]
NegativePrompt = Annotated[str, validation.Text(1, MAX_NEGATIVE_PROMPT_LENGTH), _SUPPORTED]
Structure = Annotated[tuple[_Name, ...], Field(max_length=MAX_SECTIONS), _SUPPORTED]
Level = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False), _SUPPORTED]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class InstrumentSelection:
    """Names of instruments to play, to leave out, and to play alone."""

    include: _InstrumentNames = ()
    exclude: _InstrumentNames = ()
    only: _InstrumentNames = ()


Instruments = Annotated[InstrumentSelection, _SUPPORTED]


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
