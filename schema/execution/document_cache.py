"""Documents that were found valid, kept for as long as they are asked for; each with its plans."""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any, Final

import strawberry
from graphql import DirectiveNode, DocumentNode, OperationDefinitionNode, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues

from schema.execution import compiler
from schema.execution.plans import Plan, Uncovered
from schema.execution.variables import Variables

_MAX_PLANS: Final = 16
"""Plans of one document; one whose conditions can be chosen in more ways is left to the stock executor then."""
_LONG: Final = 1_024
"""Characters from which on a text is known by its digest."""


class Document:
    """A valid document."""

    def __init__(self, schema: strawberry.Schema, text: str, node: DocumentNode) -> None:
        self.node, self.size = node, len(text)
        self.came_again = False
        self._schema = schema
        self._plans: dict[Hashable, Plan | None] = {}
        self._variables: dict[int, Variables] = {}
        self._conditions = _conditions(node)
        self._operations = _operations(node)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of this name, or the first for none."""
        return self._operations.get(name)

    def coerced(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues | None:
        """The variables of an operation; None when any is none of its type."""
        key = id(operation)
        if key not in self._variables:
            self._variables[key] = Variables(self._schema, operation)
        return self._variables[key].coerced(given)

    def plan(self, operation: OperationDefinitionNode, variables: VariableValues) -> Plan | None:
        """How to answer an operation with these variables; None for what the stock executor must do."""
        chosen = self._chosen(operation, variables) if self._conditions else []
        if not all(isinstance(value, bool) for value in chosen):
            return None
        key = (id(operation), *chosen)
        if key not in self._plans and len(self._plans) < _MAX_PLANS:
            self._plans[key] = self._compiled(operation, variables)
        return self._plans.get(key)

    def _chosen(self, operation: OperationDefinitionNode, variables: VariableValues) -> list[Any]:
        declared = {each.variable.name.value for each in operation.variable_definitions or ()}
        return [variables.coerced.get(name) for name in self._conditions if name in declared]

    def _compiled(self, operation: OperationDefinitionNode, variables: VariableValues) -> Plan | None:
        try:
            return compiler.compiled(self._schema, self.node, operation, variables)
        except (Uncovered, RecursionError):
            return None


class Documents:
    """The documents that were asked for last, by their texts; bounded in number and in size."""

    def __init__(self, most: int = 500, most_characters: int = 256_000) -> None:
        self._most, self._most_characters = most, most_characters
        self._known: OrderedDict[Hashable, Document] = OrderedDict()
        self._by_node: dict[int, Document] = {}
        self._characters = 0

    def find(self, text: str) -> Document | None:
        """The document of a text, if it is kept; it is the last to go now."""
        key = _key(text)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def of(self, node: DocumentNode) -> Document | None:
        """The document of a parsed node, if it is kept."""
        return self._by_node.get(id(node))

    def keep(self, text: str, document: Document) -> None:
        """Keep a valid document, and let go of what was not asked for longest; one that is far too long is not kept."""
        key = _key(text)
        if key in self._known or len(text) * 8 > self._most_characters:
            return
        self._known[key] = self._by_node[id(document.node)] = document
        self._characters += document.size
        while len(self._known) > self._most or self._characters > self._most_characters:
            _, oldest = self._known.popitem(last=False)
            del self._by_node[id(oldest.node)]
            self._characters -= oldest.size

    def __len__(self) -> int:
        return len(self._known)


def _key(text: str) -> Hashable:
    return text if len(text) <= _LONG else hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _operations(node: DocumentNode) -> dict[str | None, OperationDefinitionNode]:
    """By their names; None stands for the first."""
    found: dict[str | None, OperationDefinitionNode] = {}
    for each in node.definitions:
        if isinstance(each, OperationDefinitionNode):
            found.setdefault(None, each)
            if each.name:
                found[each.name.value] = each
    return found


class _Conditions(Visitor):
    """Notes the variables that fields and fragments hang on."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        values = [argument.value for argument in node.arguments or ()]
        self.names |= {value.name.value for value in values if isinstance(value, VariableNode)}


def _conditions(node: DocumentNode) -> tuple[str, ...]:
    found = _Conditions()
    visit(node, found)
    return tuple(sorted(found.names))
