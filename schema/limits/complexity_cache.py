"""A cache of document sizes: one entry per document, with a size for each combination of its size variables."""

import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from graphql import ArgumentNode, DocumentNode, VariableNode, Visitor, visit

Size = TypeVar("Size")

_SIZE_ARGUMENTS: Final = frozenset({"first", "ids"})
"""The arguments that affect the size of a document."""
_MAX_SIZES: Final = 100
"""Sizes cached for one document."""


class _Entry:
    def __init__(self, document: DocumentNode, on_release: Callable[[object], object]) -> None:
        # nodes compare and hash by their whole content, so the cache is keyed by identity with weak references
        self.document = weakref.ref(document, on_release)
        self.variable_names: Final = _size_variables(document)
        self.sizes: dict[tuple[object, ...], Any] = {}


_entries: Final[dict[int, _Entry]] = {}


def get_or_measure(
    document: DocumentNode,
    variables: Mapping[str, Any],
    measure: Callable[[DocumentNode, Mapping[str, Any]], Size],
) -> Size:
    """Return the cached size of the same document with the same size variables, or measure it."""
    entry = _entry(document)
    key = tuple(_key(variables[name]) if name in variables else None for name in entry.variable_names)
    if key not in entry.sizes:
        if len(entry.sizes) >= _MAX_SIZES:
            entry.sizes.clear()
        entry.sizes[key] = measure(document, variables)
    size: Size = entry.sizes[key]
    return size


def _entry(document: DocumentNode) -> _Entry:
    key = id(document)
    entry = _entries.get(key)
    if entry is None or entry.document() is not document:
        entry = _entries[key] = _Entry(document, lambda reference: _remove(key, reference))
    return entry


def _remove(key: int, reference: object) -> None:
    """Remove the entry of a released document, unless its identity has been reused by another document."""
    if key in _entries and _entries[key].document is reference:
        del _entries[key]


def _key(value: object) -> tuple[str, int] | str:
    """Reduce a variable's value to what can affect a size."""
    if isinstance(value, int):
        return "number", value
    return ("list", len(value)) if isinstance(value, list) else "other"


class _SizeVariables(Visitor):
    """Collects the variables in size arguments. No directive has an argument of these names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        if node.name.value in _SIZE_ARGUMENTS and isinstance(node.value, VariableNode):
            self.names.add(node.value.name.value)


def _size_variables(document: DocumentNode) -> tuple[str, ...]:
    visitor = _SizeVariables()
    visit(document, visitor)
    return tuple(sorted(visitor.names))
