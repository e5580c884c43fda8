"""What a document asks for: measured in time that its own size bounds, whatever its fragments do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from schema.limits import complexity_cache
from schema.relay.connections import DEFAULT_FIRST

MAX_REPORTED: Final = 10**9
"""Stands for a number that nobody needs to know exactly."""
_MAX_NESTING: Final = 200
"""Fields and fragments inside each other that are looked into; well within Python's stack."""


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """What a part of a document asks for, its fragments written out; named as DocumentSettings, without ``max_``.

    ``root_fields`` are those of the part's own level, ``width`` is the most of any level; ``cost`` estimates the fields
    of the answer: a page counts as often as it is long, in ``fields`` once.
    """

    depth: int = 0
    aliases: int = 0
    root_fields: int = 0
    directives: int = 0
    fragment_spreads: int = 0
    width: int = 0
    fields: int = 0
    definitions: int = 0
    cost: int = 0

    def plus(self, other: "DocumentSize", times: int = 1) -> "DocumentSize":
        """Both in one selection set; the other one's cost ``times`` over."""
        return DocumentSize(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.root_fields + other.root_fields,
            self.directives + other.directives,
            self.fragment_spreads + other.fragment_spreads,
            max(self.width, other.width),
            self.fields + other.fields,
            max(self.definitions, other.definitions),
            self.cost + other.cost * times,
        )


def measure(document: DocumentNode, variables: Mapping[str, Any]) -> DocumentSize:
    """The size of a document's largest operation in each respect; a fragment is looked at once for each page size."""
    return _Measurement(document, variables).measured()


def measure_cached(document: DocumentNode, variables: Mapping[str, Any]) -> DocumentSize:
    """As ``measure``: done once for the same document, as ``documents`` hands it on, and the same page sizes."""
    return complexity_cache.get_or_measure(document, variables, measure)


class _Measurement:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self._definitions = len(document.definitions)
        self._given = variables
        self._variables: Mapping[str, Any] = variables
        self._known: dict[tuple[str, int], DocumentSize | None] = {}

    def measured(self) -> DocumentSize:
        whole = DocumentSize(definitions=self._definitions)
        for operation in self._operations:
            self._variables = {**_defaults(operation), **self._given}
            self._known.clear()
            size = self._set(operation.selection_set, 1, 0).plus(
                DocumentSize(directives=len(operation.directives or ()))
            )
            whole = DocumentSize(
                *(max(pair) for pair in zip(asdict(whole).values(), asdict(size).values(), strict=True))
            )
        return whole

    def _set(self, selections: SelectionSetNode | None, page: int, level: int) -> DocumentSize:
        """What a selection set asks for; ``page`` is how often its ``edges`` count."""
        if level > _MAX_NESTING:
            return DocumentSize(depth=MAX_REPORTED)
        nodes = selections.selections if selections else ()
        whole = _leaves([node for node in nodes if _is_leaf(node)])
        for node in nodes:
            if not _is_leaf(node):
                size = self._selection(node, page, level + 1)
                whole = whole.plus(size).plus(DocumentSize(directives=len(node.directives or ())))
        return replace(whole, width=max(whole.width, whole.root_fields))

    def _selection(self, node: object, page: int, level: int) -> DocumentSize:
        match node:
            case FieldNode():
                return self._field(node, page, level)
            case InlineFragmentNode():
                return self._set(node.selection_set, page, level)
            case FragmentSpreadNode():
                return self._fragment(node.name.value, page, level).plus(DocumentSize(fragment_spreads=1))
            case _:
                return DocumentSize()

    def _field(self, node: FieldNode, page: int, level: int) -> DocumentSize:
        inner = self._set(node.selection_set, self._page(node), level)
        times = page if node.name.value == "edges" else self._listed(node)
        own = DocumentSize(depth=inner.depth + 1, aliases=int(node.alias is not None), root_fields=1, fields=1, cost=1)
        return own.plus(replace(inner, root_fields=0), times)

    def _fragment(self, name: str, page: int, level: int) -> DocumentSize:
        key = (name, page)
        if key not in self._known:
            # a cycle measures nothing here: validation refuses it
            self._known[key] = None
            fragment = self._fragments.get(name)
            self._known[key] = self._set(fragment.selection_set, page, level) if fragment else DocumentSize()
        return self._known[key] or DocumentSize()

    def _page(self, node: FieldNode) -> int:
        first = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
        value = self._value(first)
        return value if isinstance(value, int) and value > 0 else DEFAULT_FIRST

    def _listed(self, node: FieldNode) -> int:
        """``nodes(ids: […])`` answers one thing for each id."""
        ids = next((argument.value for argument in node.arguments or () if argument.name.value == "ids"), None)
        if isinstance(ids, ListValueNode):
            return max(1, len(ids.values))
        value = self._value(ids)
        return max(1, len(value)) if isinstance(value, list) else 1

    def _value(self, node: ValueNode | None) -> object:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return int(node.value) if isinstance(node, IntValueNode) and len(node.value) < 10 else None  # noqa: PLR2004


def _is_leaf(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.selection_set is None


def _leaves(nodes: Sequence[SelectionNode]) -> DocumentSize:
    """All fields of a selection set that hold nothing, at once: there may be thousands."""
    return DocumentSize(
        depth=1 if nodes else 0,
        aliases=sum(1 for node in nodes if isinstance(node, FieldNode) and node.alias),
        root_fields=len(nodes),
        directives=sum(len(node.directives or ()) for node in nodes),
        fields=len(nodes),
        cost=len(nodes),
    )


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode) and len(definition.default_value.value) < 10  # noqa: PLR2004
    }
