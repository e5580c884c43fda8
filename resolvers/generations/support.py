"""Check the fields of a request against the capabilities of its engine, and find the fields that a request has."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from engines.capabilities import Capability, RequestField
from engines.port import Controls
from engines.registry import EngineRegistry
from resolvers.access import validation
from resolvers.generations.engines import requested_engine

_FIELDS: Final[Mapping[str, RequestField]] = {
    **{field.value: field for field in RequestField},
    "seed_track_id": RequestField.SEED_TRACK,
}
"""Capabilities by the fields of a command."""

INSTRUMENT_FIELDS: Final[Mapping[str, RequestField]] = {
    "include": RequestField.INCLUDE_INSTRUMENTS,
    "exclude": RequestField.EXCLUDE_INSTRUMENTS,
    "only": RequestField.ONLY_INSTRUMENTS,
}
"""Capabilities by the fields of `InstrumentSelection`."""


def capability(info: ValidationInfo[EngineRegistry]) -> Capability | None:
    """Return the capability for the field that is being validated, or None if the field of the engine is invalid."""
    engine = requested_engine(info)
    return engine.capabilities[_FIELDS[str(info.field_name)]] if engine else None


def check(value: Any, info: ValidationInfo[EngineRegistry]) -> Any:  # noqa: ANN401  of any field
    """Reject a field that the engine refuses, and a number or a name that it does not allow."""
    found = capability(info)
    if found is None or _is_unset(value):
        return value
    field = _FIELDS[str(info.field_name)]
    if not found.is_accepted:
        raise _refusal(info, [field], "this field")
    return _allowed(value, found)


def check_instruments(value: Any, info: ValidationInfo[EngineRegistry]) -> Any:  # noqa: ANN401  an InstrumentSelection
    """Reject instruments to include, to exclude or to play alone if the engine refuses them."""
    engine = requested_engine(info)
    if engine is None:
        return value
    given = {name: field for name, field in INSTRUMENT_FIELDS.items() if getattr(value, name)}
    refused = {name: field for name, field in given.items() if not engine.capabilities[field].is_accepted}
    if refused:
        raise _refusal(info, list(refused.values()), " and ".join(f"instruments.{name}" for name in refused))
    allowed = {name: _allowed(getattr(value, name), engine.capabilities[field]) for name, field in given.items()}
    return replace(value, **allowed)


def _allowed(value: Any, found: Capability) -> Any:  # noqa: ANN401  of any field
    """Return a value as the engine spells it. Raises a rule error if it is out of range or not one of its names."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = found.minimum, found.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise validation.rule_error(f"Must be {_range(low, high)}.")
    if isinstance(value, tuple) and found.values:
        names = {name.casefold(): name for name in found.values}
        if any(name.casefold() not in names for name in value):
            raise validation.rule_error(f"Each must be one of {', '.join(found.values)}.")
        return tuple(names[name.casefold()] for name in value)
    return value


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def _refusal(info: ValidationInfo[EngineRegistry], fields: Sequence[RequestField], what: str) -> PydanticCustomError:
    """Return an error that states what the engine does not support, why, and which engines do."""
    registry, engine = info.context, info.context.get(info.data["engine"]) or info.context.default
    notes = dict.fromkeys(note for field in fields if (note := engine.capabilities[field].note))
    others = [other.key for other in registry.infos if all(other.capabilities[field].is_accepted for field in fields)]
    remedy = f"Leave it out, or use the engine {' or '.join(others)}." if others else "Leave it out."
    return validation.rule_error(" ".join([f"The engine {engine.key} does not support {what}.", *notes, remedy]))


SUPPORTED: Final = AfterValidator(check)
"""Metadata of a field that engines may refuse or restrict."""


def requested_fields(request: Mapping[str, object], controls: Controls) -> frozenset[RequestField]:
    """Return the fields that a request has: those that are not null, false or empty.

    ``request`` are the fields of a command or the columns of a generation.
    """
    given = {**{name: request.get(name) for name in _FIELDS}, **asdict(controls)}
    if request.get("source") is not None:
        # a track that is the source is not continued
        given["seed_track_id"] = None
    names = {**_FIELDS, **INSTRUMENT_FIELDS}
    return frozenset(field for name, field in names.items() if not _is_unset(given.get(name)))


def _is_unset(value: object) -> bool:
    return value is None or value is False or value in ((), [], "")
