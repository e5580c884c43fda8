"""Read the options of a remote engine, which each kind defines. All functions raise ValueError for wrong values."""

from collections.abc import Mapping

from core.network import public_addresses
from core.settings.remote_engines import RemoteEngineSettings


def number(settings: RemoteEngineSettings, name: str, default: float) -> float:
    """Return an option that is a positive number."""
    value = settings.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise _wrong(name, value, "a positive number")
    return float(value)


def text(settings: RemoteEngineSettings, name: str, default: str = "") -> str:
    """Return an option that is a text."""
    value = settings.options.get(name, default)
    if not isinstance(value, str):
        raise _wrong(name, value, "a text")
    return value


def table(settings: RemoteEngineSettings, name: str) -> Mapping[str, object]:
    """Return an option that is a JSON object; empty if it is not set."""
    value = settings.options.get(name, {})
    if not isinstance(value, dict):
        raise _wrong(name, value, "a JSON object")
    return value


def hosts(settings: RemoteEngineSettings, name: str) -> tuple[str, ...]:
    """Return an option that is a list of hosts with optional ports, in normal form."""
    value = settings.options.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, value, "a list of hosts")
    return tuple(public_addresses.parse_allowed_host(str(each)) for each in value)


def _wrong(name: str, value: object, expected: str) -> ValueError:
    return ValueError(f"The option {name} of a remote engine is {value!r}; it must be {expected}.")
