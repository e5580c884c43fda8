"""Limits on the variables of an operation, checked before they are coerced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.settings import DocumentSettings

_NAMES: Final = ("keys", "list_items", "depth")


@dataclass(slots=True)
class VariablesSize:
    """The keys of all objects, the items of all lists, and the deepest nesting of both."""

    keys: int = 0
    list_items: int = 0
    depth: int = 0


def measure(variables: Mapping[str, Any]) -> VariablesSize:
    """Count without recursion. The JSON parser has limited the nesting."""
    size = VariablesSize(keys=len(variables))
    level: list[Any] = [value for value in variables.values() if isinstance(value, dict | list)]
    while level:
        size.depth += 1
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                size.keys += len(value)
                inner += [child for child in value.values() if isinstance(child, dict | list)]
            else:
                size.list_items += len(value)
                inner += [child for child in value if isinstance(child, dict | list)]
        level = inner
    return size


def find_exceeded(size: VariablesSize, limits: DocumentSettings) -> list[str]:
    """Return a phrase for each limit that is exceeded, such as ``keys 60000 (limit 1000)``."""
    if (
        size.keys <= limits.max_variable_keys
        and size.list_items <= limits.max_variable_list_items
        and size.depth <= limits.max_variable_depth
    ):
        return []
    return [
        f"{name.replace('_', ' ')} {value} (limit {maximum})"
        for name in _NAMES
        if (value := getattr(size, name)) > (maximum := getattr(limits, f"max_variable_{name}"))
    ]
