"""The size of a document as it is written, which bounds the work of its validation.

Validation visits each node once, fragments without a use included, except for the rule that fields of one response name
can be merged: it compares each pair of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

_NAMES: Final = frozenset({"name", "alias"})
_MAX_STEPS: Final = 10_000
"""Selections that are visited to count merges, for all definitions together."""


def count_nodes(document: DocumentNode) -> Mapping[str, int]:
    """Return how many nodes of each kind a document has, such as ``argument``; ``list_item`` counts items of lists."""
    counts: Counter[str] = Counter()
    stack: list[Node] = [document]
    while stack:
        node = stack.pop()
        counts[node.kind] += 1
        if isinstance(node, ListValueNode):
            counts["list_item"] += len(node.values)
        stack.extend(_children(node))
    return counts


def _children(node: Node) -> Iterator[Node]:
    for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
        child: Any = getattr(node, key, None)
        if child is None or key in _NAMES:
            continue
        if isinstance(child, Node):
            yield child
        else:
            yield from child


def count_merges(document: DocumentNode) -> int | None:
    """Return how many comparisons of fields with one response name the definitions need, or None for too many.

    A comparison of fields with arguments counts once more for each argument.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    counter = _MergeCounter(fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
            counter.add(node.selection_set)
    return counter.merges if counter.steps <= _MAX_STEPS else None


class _MergeCounter:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self.steps = self.merges = 0

    def add(self, root: SelectionSetNode) -> None:
        stack = [[root]]
        while stack and self.steps <= _MAX_STEPS:
            for nodes in self._group(stack.pop()).values():
                most_arguments = max(len(node.arguments or ()) for node in nodes)
                self.merges += len(nodes) * (len(nodes) - 1) // 2 * (1 + most_arguments)
                if selection_sets := [node.selection_set for node in nodes if node.selection_set]:
                    stack.append(selection_sets)

    def _group(self, selection_sets: Sequence[SelectionSetNode]) -> Mapping[str, Sequence[FieldNode]]:
        """Return the fields of merged selection sets by response name. A fragment is visited once."""
        groups: dict[str, list[FieldNode]] = defaultdict(list)
        visited: set[str] = set()
        todo = list(selection_sets)
        while todo:
            for node in todo.pop().selections:
                self.steps += 1
                match node:
                    case FieldNode():
                        groups[(node.alias or node.name).value].append(node)
                    case InlineFragmentNode():
                        todo.append(node.selection_set)
                    case FragmentSpreadNode() if node.name.value not in visited:
                        visited.add(node.name.value)
                        fragment = self._fragments.get(node.name.value)
                        todo.extend([fragment.selection_set] if fragment else [])
        return groups
