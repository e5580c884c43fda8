"""Lookahead: the selections below a field, known before it is resolved, so that related rows are read with it."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode
from graphql.type import GraphQLResolveInfo
from strawberry.utils.str_converters import to_camel_case

from schema.execution import core_info
from schema.runtime.context import GraphQLContext, Info

_CoreInfo = GraphQLResolveInfo[GraphQLContext]


def selects(info: Info, name: str) -> bool:
    """Return whether a subfield of this name may be selected, regardless of ``@skip`` and ``@include``."""
    return name in _cached(info, _child_names)


def selected_if_within(info: Info, names: frozenset[str]) -> frozenset[str] | None:
    """Return the names of all fields selected at any depth, or None if one of them is not among ``names``."""
    selected = _cached(info, _descendant_names)
    return selected if selected <= names else None


def field_names(*types: type) -> frozenset[str]:
    """Return the GraphQL names of the fields of types."""
    return frozenset(to_camel_case(field.name) for each in types for field in dataclasses.fields(each))


def _cached(info: Info, collect: Callable[[_CoreInfo], frozenset[str]]) -> frozenset[str]:
    """Collect once per plan: the result depends on the document alone."""
    core = core_info(info)
    cache: dict[object, frozenset[str]] = getattr(core, "cache", {})
    if collect not in cache:
        cache[collect] = collect(core)
    return cache[collect]


def _child_names(info: _CoreInfo) -> frozenset[str]:
    return frozenset(node.name.value for field in info.field_nodes for node in _children(field, info))


def _descendant_names(info: _CoreInfo) -> frozenset[str]:
    nodes = (node for field in info.field_nodes for node in _descendants(field, info))
    return frozenset(node.name.value for node in nodes if not node.name.value.startswith("__"))


def _descendants(field: FieldNode, info: _CoreInfo) -> Iterator[FieldNode]:
    for node in _children(field, info):
        yield node
        yield from _descendants(node, info)


def _children(field: FieldNode, info: _CoreInfo) -> Iterator[FieldNode]:
    return _fields(field.selection_set.selections, info) if field.selection_set else iter(())


def _fields(selections: Iterable[SelectionNode], info: _CoreInfo) -> Iterator[FieldNode]:
    """Yield the fields of a selection set, fragments expanded."""
    for node in selections:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode():
                yield from _fields(node.selection_set.selections, info)
            case FragmentSpreadNode():
                yield from _fields(info.fragments[node.name.value].selection_set.selections, info)
