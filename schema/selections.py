"""What is asked of a field's objects, known before the field is resolved: what hangs on them may be read along."""

import dataclasses
from collections.abc import Iterable, Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode
from graphql.type import GraphQLResolveInfo
from strawberry.utils.str_converters import to_camel_case

from schema.context import GraphQLContext, Info


def has(info: Info, name: str) -> bool:
    """Whether a field of this name may be asked for, whatever ``@skip`` and ``@include`` say."""
    raw = _raw(info)
    return any(node.name.value == name for field in raw.field_nodes for node in _below(field, raw))


def only(info: Info, names: frozenset[str]) -> bool:
    """Whether nothing is asked for, at any depth, but fields of these names."""
    raw = _raw(info)
    return all(_has_only(field, names, raw) for field in raw.field_nodes)


def names(*types: type) -> frozenset[str]:
    """How the fields of types are called in documents."""
    return spelled(field.name for of in types for field in dataclasses.fields(of))


def spelled(python_names: Iterable[str]) -> frozenset[str]:
    """As documents spell them."""
    return frozenset(map(to_camel_case, python_names))


def _raw(info: Info) -> GraphQLResolveInfo[GraphQLContext]:
    # Strawberry's own view of it makes an object of every selection: ten times slower
    return info._raw_info  # noqa: SLF001


def _has_only(field: FieldNode, names: frozenset[str], raw: GraphQLResolveInfo[GraphQLContext]) -> bool:
    return all(
        (node.name.value in names or node.name.value.startswith("__")) and _has_only(node, names, raw)
        for node in _below(field, raw)
    )


def _below(field: FieldNode, raw: GraphQLResolveInfo[GraphQLContext]) -> Iterator[FieldNode]:
    """What is asked of a field's objects, fragments written out."""
    return _fields(field.selection_set.selections, raw) if field.selection_set else iter(())


def _fields(selections: Iterable[SelectionNode], raw: GraphQLResolveInfo[GraphQLContext]) -> Iterator[FieldNode]:
    for node in selections:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode():
                yield from _fields(node.selection_set.selections, raw)
            case FragmentSpreadNode():
                yield from _fields(raw.fragments[node.name.value].selection_set.selections, raw)
