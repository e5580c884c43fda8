"""What is asked of a field's objects, known before the field is resolved: what hangs on them may be read along."""

import dataclasses
from collections.abc import Iterable, Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode
from graphql.type import GraphQLResolveInfo
from strawberry.utils.str_converters import to_camel_case

from schema.context import GraphQLContext, Info


def has(info: Info, name: str) -> bool:
    """Whether a field of this name may be asked for, whatever ``@skip`` and ``@include`` say."""
    return any(node.name.value == name for node in _asked(info))


def only(info: Info, names: frozenset[str]) -> bool:
    """Whether nothing is asked for, at any depth, but fields of these names."""
    raw = info._raw_info  # noqa: SLF001  see _asked
    waiting = list(_asked(info))
    while waiting:
        node = waiting.pop()
        if node.name.value not in names and not node.name.value.startswith("__"):
            return False
        if node.selection_set:
            waiting.extend(_fields(node.selection_set.selections, raw))
    return True


def names(*types: type) -> frozenset[str]:
    """How the fields of types are called in documents."""
    return spelled(field.name for of in types for field in dataclasses.fields(of))


def spelled(python_names: Iterable[str]) -> frozenset[str]:
    """As documents spell them."""
    return frozenset(map(to_camel_case, python_names))


def _asked(info: Info) -> Iterator[FieldNode]:
    # Strawberry's own view of it makes an object of every selection: ten times slower
    raw = info._raw_info  # noqa: SLF001
    for node in raw.field_nodes:
        if node.selection_set:
            yield from _fields(node.selection_set.selections, raw)


def _fields(selections: Iterable[SelectionNode], raw: GraphQLResolveInfo[GraphQLContext]) -> Iterator[FieldNode]:
    for node in selections:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode():
                yield from _fields(node.selection_set.selections, raw)
            case FragmentSpreadNode():
                yield from _fields(raw.fragments[node.name.value].selection_set.selections, raw)
