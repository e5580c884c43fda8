"""What is asked of a field's objects, known before the field is resolved: what hangs on them may be read along."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode
from graphql.type import GraphQLResolveInfo
from strawberry.utils.str_converters import to_camel_case

from schema.execution import core_info
from schema.runtime.context import GraphQLContext, Info

_Raw = GraphQLResolveInfo[GraphQLContext]


def selects(info: Info, name: str) -> bool:
    """Whether a field of this name may be asked for, whatever ``@skip`` and ``@include`` say."""
    return name in _noted(info, _next)


def selected_if_within(info: Info, names: frozenset[str]) -> frozenset[str] | None:
    """Which of these names are asked for, at any depth; None if there are others."""
    asked = _noted(info, _all)
    return asked if asked <= names else None


def field_names(*types: type) -> frozenset[str]:
    """How the fields of types are called in documents."""
    return frozenset(to_camel_case(field.name) for of in types for field in dataclasses.fields(of))


def _noted(info: Info, read: Callable[[_Raw], frozenset[str]]) -> frozenset[str]:
    """What is read of a document: once for a plan, which shows the same each time."""
    raw = core_info(info)
    cache: dict[object, frozenset[str]] = getattr(raw, "cache", {})
    if read not in cache:
        cache[read] = read(raw)
    return cache[read]


def _next(raw: _Raw) -> frozenset[str]:
    return frozenset(node.name.value for field in raw.field_nodes for node in _below(field, raw))


def _all(raw: _Raw) -> frozenset[str]:
    return frozenset(name for field in raw.field_nodes for name in _every(field, raw) if not name.startswith("__"))


def _every(field: FieldNode, raw: _Raw) -> Iterator[str]:
    for node in _below(field, raw):
        yield node.name.value
        yield from _every(node, raw)


def _below(field: FieldNode, raw: _Raw) -> Iterator[FieldNode]:
    """What is asked of a field's objects, fragments written out."""
    return _fields(field.selection_set.selections, raw) if field.selection_set else iter(())


def _fields(selections: Iterable[SelectionNode], raw: _Raw) -> Iterator[FieldNode]:
    for node in selections:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode():
                yield from _fields(node.selection_set.selections, raw)
            case FragmentSpreadNode():
                yield from _fields(raw.fragments[node.name.value].selection_set.selections, raw)
