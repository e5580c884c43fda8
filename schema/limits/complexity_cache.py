"""What was measured of a document is kept while the document is, for each choice of the variables that say how many."""

import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from graphql import ArgumentNode, DocumentNode, VariableNode, Visitor, visit

Measured = TypeVar("Measured")

_HOW_MANY: Final = frozenset({"first", "ids"})
"""The arguments that a document's size hangs on."""
_MAX_CHOICES: Final = 100


class _Entry:
    """What was measured of one document."""

    def __init__(self, document: DocumentNode, forget: Callable[[object], object]) -> None:
        # nodes compare by all that is in them, so they are known by their identities, and not held
        self.document = weakref.ref(document, forget)
        self.names: Final = _names(document)
        self.found: dict[tuple[object, ...], Any] = {}


_entries: Final[dict[int, _Entry]] = {}


def get_or_measure(
    document: DocumentNode,
    variables: Mapping[str, Any],
    measure: Callable[[DocumentNode, Mapping[str, Any]], Measured],
) -> Measured:
    """What ``measure`` finds, or has found for the same document and the same numbers."""
    scale = _scale(document)
    choice = tuple(_told(variables.get(name)) if name in variables else None for name in scale.names)
    if choice not in scale.found:
        if len(scale.found) >= _MAX_CHOICES:
            scale.found.clear()
        scale.found[choice] = measure(document, variables)
    found: Measured = scale.found[choice]
    return found


def _scale(document: DocumentNode) -> _Entry:
    key = id(document)
    scale = _entries.get(key)
    if scale is None or scale.document() is not document:
        scale = _entries[key] = _Entry(document, lambda gone: _forget(key, gone))
    return scale


def _forget(key: int, gone: object) -> None:
    """The identity of what is gone may be another document's by now."""
    if key in _entries and _entries[key].document is gone:
        del _entries[key]


def _told(value: object) -> tuple[str, int] | str:
    """All that a size can hang on in a variable's value."""
    if isinstance(value, int):
        return "number", value
    return ("list", len(value)) if isinstance(value, list) else "other"


class _Variables(Visitor):
    """Notes the variables in the arguments that say how many; no directive has any of these."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        if node.name.value in _HOW_MANY and isinstance(node.value, VariableNode):
            self.names.add(node.value.name.value)


def _names(document: DocumentNode) -> tuple[str, ...]:
    found = _Variables()
    visit(document, found)
    return tuple(sorted(found.names))
