"""Lookahead: the selections below a field, known before it is resolved, so that related rows are read with it."""

import dataclasses
from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from graphql.type import GraphQLResolveInfo
from strawberry.utils.str_converters import to_camel_case

from schema.execution import core_info
from schema.runtime.context import GraphQLContext, Info


def selects(info: Info, name: str) -> bool:
    """Return whether a subfield of this name may be selected, regardless of ``@skip`` and ``@include``."""
    return name in _names(info, deep=False)


def selected_if_within(info: Info, names: frozenset[str]) -> frozenset[str] | None:
    """Return the names of all fields selected at any depth, or None if one of them is not among ``names``."""
    selected = _names(info, deep=True)
    return selected if selected <= names else None


def field_names(*types: type) -> frozenset[str]:
    """Return the GraphQL names of the fields of types."""
    return frozenset(to_camel_case(field.name) for each in types for field in dataclasses.fields(each))


def _names(info: Info, *, deep: bool) -> frozenset[str]:
    """Collect the names once per plan: they depend on the document alone."""
    core = core_info(info)
    cache: dict[object, frozenset[str]] = getattr(core, "cache", {})
    key = _names, deep
    if key not in cache:
        names = (name for field in core.field_nodes for name in _selected(field.selection_set, core, deep=deep))
        cache[key] = frozenset(name for name in names if not name.startswith("__"))
    return cache[key]


def _selected(
    selections: SelectionSetNode | None, info: GraphQLResolveInfo[GraphQLContext], *, deep: bool
) -> Iterator[str]:
    """Yield the names of the fields of a selection set, fragments expanded."""
    for node in selections.selections if selections else ():
        match node:
            case FieldNode():
                yield node.name.value
                if deep:
                    yield from _selected(node.selection_set, info, deep=True)
            case InlineFragmentNode():
                yield from _selected(node.selection_set, info, deep=deep)
            case FragmentSpreadNode():
                yield from _selected(info.fragments[node.name.value].selection_set, info, deep=deep)
