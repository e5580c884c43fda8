"""Introspection in a thread: the whole schema takes 50 ms, in which an event loop would serve no other request."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, OperationDefinitionNode

_META_FIELDS: Final = frozenset({"__schema", "__type", "__typename"})


def run(execute: Callable[[], Any]) -> Awaitable[Any] | Any:  # noqa: ANN401  the result of an execution
    """Execute in a thread if there is an event loop; fields of introspection only read the schema."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return execute()
    return asyncio.to_thread(execute)


def is_introspection(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    """Return whether all root fields of a valid operation are those of introspection."""
    names: set[str] = set()
    visited: set[str] = set()
    todo = [operation.selection_set]
    while todo:
        for node in todo.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                todo.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                todo.append(fragments[node.name.value].selection_set)
    return names <= _META_FIELDS and names != {"__typename"}
