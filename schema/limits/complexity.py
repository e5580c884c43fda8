"""The size and estimated cost of a document, measured in time linear in its length even if fragments nest."""

import math
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
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

from schema.execution import argument_variables
from schema.limits import written_size
from schema.limits.field_costs import UNKNOWN, FieldCost, FieldCosts
from schema.relay.connections import DEFAULT_FIRST

_MAX_AVERAGED: Final = 10**12
"""The largest cost that is multiplied by an average, which is a float."""
MAX_REPORTED: Final = 10**9
"""The largest number that an error message or response contains."""
_MAX_NESTING: Final = 200
"""The depth of fields and fragments up to which a document is measured; well within Python's stack."""
_MAX_DIGITS: Final = 9
"""The length of integer literals that are read as page sizes."""
_NO_COSTS: Final[FieldCosts] = {}
_MAX_SIZES: Final = 100
"""Sizes cached for one document."""


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """The size of a part of a document, fragments expanded; the limits in DocumentSettings have the prefix ``max_``.

    ``root_fields`` counts the fields of the top level, ``width`` those of the widest level. ``cost`` estimates the
    number of fields in the response: the fields of a page or list count once per item, in ``fields`` once, and fields
    with a weight (``schema.limits.field_costs``) more than others.

    From ``selections`` on, the sizes are those of the whole document as it is written (``schema.limits.written_size``).
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
    selections: int = 0
    arguments: int = 0
    input_fields: int = 0
    list_items: int = 0
    variables: int = 0
    merges: int = 0

    @property
    def nodes(self) -> int:
        """The number of nodes that validation visits."""
        return self.selections + self.arguments + self.input_fields + self.list_items + self.variables

    def plus(self, other: "DocumentSize", times: float = 1) -> "DocumentSize":
        """Return the size of both in one selection set; the cost of ``other`` is multiplied by ``times``."""
        return DocumentSize(
            depth=max(self.depth, other.depth),
            aliases=self.aliases + other.aliases,
            root_fields=self.root_fields + other.root_fields,
            directives=self.directives + other.directives,
            fragment_spreads=self.fragment_spreads + other.fragment_spreads,
            width=max(self.width, other.width),
            fields=self.fields + other.fields,
            cost=self.cost + _multiply(other.cost, times),
        )


def _multiply(cost: int, times: float) -> int:
    """Multiply by the size of a list, which is an average for the lists of introspection."""
    return cost * times if isinstance(times, int) else math.ceil(min(cost, _MAX_AVERAGED) * times)


def measure(
    document: DocumentNode, variables: Mapping[str, Any], costs: FieldCosts = _NO_COSTS, memberships: int = 1
) -> DocumentSize:
    """Return the maximum of each measure over all operations. A fragment is measured once for each page size.

    ``memberships`` is the number of organizations of the caller, the length of ``Viewer.organizations``.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    total = _written_size(document)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _Measurement(fragments, {**_defaults(node), **variables}, costs, memberships).measure(node)
            total = DocumentSize(*map(max, astuple(total), astuple(size)))
    return total


def _written_size(document: DocumentNode) -> DocumentSize:
    nodes, merges = written_size.count_nodes(document), written_size.count_merges(document)
    return DocumentSize(
        definitions=len(document.definitions),
        directives=nodes.get("directive", 0),
        selections=sum(nodes.get(kind, 0) for kind in ("field", "fragment_spread", "inline_fragment")),
        arguments=nodes.get("argument", 0),
        input_fields=nodes.get("object_field", 0),
        list_items=nodes.get("list_item", 0),
        variables=nodes.get("variable_definition", 0),
        merges=MAX_REPORTED if merges is None else merges,
    )


def measure_cached(
    document: DocumentNode, variables: Mapping[str, Any], costs: FieldCosts = _NO_COSTS, memberships: int = 1
) -> DocumentSize:
    """Measure once for the same document object and the same page sizes. A document belongs to one schema."""
    cache = _caches.get(id(document)) or _add_cache(document)
    values = [_size_key(variables[name]) if name in variables else None for name in cache.variables]
    key = (bool(costs), memberships, *values)
    size = cache.sizes.get(key)
    if size is None:
        if len(cache.sizes) >= _MAX_SIZES:
            cache.sizes.clear()
        size = cache.sizes[key] = measure(document, variables, costs, memberships)
    return size


class _SizeCache:
    """The sizes of one document, one for each combination of the variables that affect it."""

    def __init__(self, document: DocumentNode) -> None:
        self.variables: Final = argument_variables(document, "first", "ids")
        self.sizes: dict[tuple[object, ...], DocumentSize] = {}


_caches: Final[dict[int, _SizeCache]] = {}
"""By the identity of the document: nodes compare and hash by their whole content."""


def _add_cache(document: DocumentNode) -> _SizeCache:
    weakref.finalize(document, _caches.pop, id(document)).atexit = False
    cache = _caches[id(document)] = _SizeCache(document)
    return cache


def _size_key(value: object) -> object:
    """Reduce a variable's value to what can affect a size."""
    if isinstance(value, int):
        return value
    return ("list", len(value)) if isinstance(value, list) else "other"


class _Measurement:
    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        costs: FieldCosts,
        memberships: int,
    ) -> None:
        self._fragments, self._variables = fragments, variables
        self._costs, self._memberships = costs, memberships
        self._fragment_sizes: dict[tuple[str, int], DocumentSize | None] = {}

    def measure(self, operation: OperationDefinitionNode) -> DocumentSize:
        root_type = operation.operation.value.title()
        size = self._selection_set(operation.selection_set, 1, 0, root_type)
        return size.plus(DocumentSize(directives=len(operation.directives or ())))

    def _selection_set(
        self, selections: SelectionSetNode | None, page_size: int, level: int, type_name: str
    ) -> DocumentSize:
        """Measure a selection set of a type; the cost of its field ``edges`` is multiplied by ``page_size``."""
        if level > _MAX_NESTING:
            return DocumentSize(depth=MAX_REPORTED)
        nodes = selections.selections if selections else ()
        total = _leaves([node for node in nodes if _is_leaf(node)], self._costs.get(type_name, {}))
        for node in nodes:
            if not _is_leaf(node):
                size = self._selection(node, page_size, level + 1, type_name)
                total = total.plus(size).plus(DocumentSize(directives=len(node.directives or ())))
        return replace(total, width=max(total.width, total.root_fields))

    def _selection(self, node: object, page_size: int, level: int, type_name: str) -> DocumentSize:
        match node:
            case FieldNode():
                return self._field(node, page_size, level, type_name)
            case InlineFragmentNode():
                condition = node.type_condition.name.value if node.type_condition else type_name
                return self._selection_set(node.selection_set, page_size, level, condition)
            case FragmentSpreadNode():
                return self._fragment(node.name.value, page_size, level).plus(DocumentSize(fragment_spreads=1))
            case _:
                return DocumentSize()

    def _field(self, node: FieldNode, page_size: int, level: int, type_name: str) -> DocumentSize:
        cost = self._costs.get(type_name, {}).get(node.name.value, UNKNOWN)
        inner = self._selection_set(node.selection_set, self._page_size(node), level, cost.type_name)
        times = page_size if node.name.value == "edges" else self._list_size(node, type_name, cost)
        own = DocumentSize(
            depth=inner.depth + 1, aliases=int(node.alias is not None), root_fields=1, fields=1, cost=cost.weight
        )
        return own.plus(replace(inner, root_fields=0), times)

    def _fragment(self, name: str, page_size: int, level: int) -> DocumentSize:
        key = (name, page_size)
        if key not in self._fragment_sizes:
            # a cycle has size zero here: validation rejects it
            self._fragment_sizes[key] = None
            fragment = self._fragments.get(name)
            self._fragment_sizes[key] = (
                self._selection_set(fragment.selection_set, page_size, level, fragment.type_condition.name.value)
                if fragment
                else DocumentSize()
            )
        return self._fragment_sizes[key] or DocumentSize()

    def _page_size(self, node: FieldNode) -> int:
        value = self._value(_argument(node, "first"))
        return value if isinstance(value, int) and value > 0 else DEFAULT_FIRST

    def _list_size(self, node: FieldNode, type_name: str, cost: FieldCost) -> float:
        if (type_name, node.name.value) == ("Viewer", "organizations"):
            return max(1, self._memberships)
        value = self._value(_argument(node, cost.slicing)) if cost.slicing else None
        if isinstance(value, int) and value > 0:
            return value
        return cost.size if _argument(node, "ids") is None else self._id_count(node)

    def _id_count(self, node: FieldNode) -> int:
        """Return how many objects ``nodes(ids: […])`` returns, and 1 for any other field."""
        ids = _argument(node, "ids")
        if isinstance(ids, ListValueNode):
            return max(1, len(ids.values))
        value = self._value(ids)
        return max(1, len(value)) if isinstance(value, list) else 1

    def _value(self, node: ValueNode | None) -> object:
        return self._variables.get(node.name.value) if isinstance(node, VariableNode) else _integer(node)


def _argument(node: FieldNode, name: str) -> ValueNode | None:
    return next((argument.value for argument in node.arguments or () if argument.name.value == name), None)


def _integer(node: ValueNode | None) -> int | None:
    return int(node.value) if isinstance(node, IntValueNode) and len(node.value) <= _MAX_DIGITS else None


def _is_leaf(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.selection_set is None


def _leaves(nodes: Sequence[SelectionNode], costs: Mapping[str, FieldCost]) -> DocumentSize:
    """Measure all fields without a selection set at once: there may be thousands."""
    return DocumentSize(
        depth=1 if nodes else 0,
        aliases=sum(1 for node in nodes if isinstance(node, FieldNode) and node.alias),
        root_fields=len(nodes),
        directives=sum(len(node.directives or ()) for node in nodes),
        fields=len(nodes),
        cost=sum(costs.get(node.name.value, UNKNOWN).weight for node in nodes if isinstance(node, FieldNode)),
    )


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value
        for definition in operation.variable_definitions or ()
        if (value := _integer(definition.default_value)) is not None
    }
