"""A cache of validated GraphQL documents and their execution plans."""

import hashlib
from collections import OrderedDict
from collections.abc import Container, Hashable, Mapping
from typing import Any, Final

import strawberry
from graphql import ArgumentNode, DocumentNode, OperationDefinitionNode, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues

from schema.execution import compiler
from schema.execution.coercion import VariableCoercer
from schema.execution.plans import OperationPlan, UnsupportedOperationError

_MAX_PLANS: Final = 16
"""Plans of one document. Further combinations of its conditions are left to graphql-core."""
_MAX_KEY_LENGTH: Final = 1_024
"""Characters up to which a text is its own cache key; the key of a longer text is its digest."""


class CachedDocument:
    """A validated document with the plans and variable coercers of its operations."""

    def __init__(self, schema: strawberry.Schema, text: str, node: DocumentNode) -> None:
        self.node, self.size = node, len(text)
        self.is_repeated = False
        self.schema = schema
        self._plans: dict[Hashable, OperationPlan | None] = {}
        self._coercers: dict[int, VariableCoercer] = {}
        self._conditions = argument_variables(node, "if")
        self._operations = _operations(node)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """Return the operation of this name, or the first one if ``name`` is None."""
        return self._operations.get(name)

    def coerce_variables(self, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> VariableValues | None:
        """Coerce the variables of an operation; return None when one is invalid."""
        key = id(operation)
        if key not in self._coercers:
            self._coercers[key] = VariableCoercer(self.schema, operation)
        return self._coercers[key].coerce(values)

    def plan(self, operation: OperationDefinitionNode, variables: VariableValues) -> OperationPlan | None:
        """Return the plan for these variables, or None if graphql-core has to execute the operation."""
        conditions = self._condition_values(operation, variables) if self._conditions else []
        if not all(isinstance(value, bool) for value in conditions):
            return None
        key = (id(operation), *conditions)
        if key not in self._plans and len(self._plans) < _MAX_PLANS:
            self._plans[key] = self._compile(operation, variables)
        return self._plans.get(key)

    def _condition_values(self, operation: OperationDefinitionNode, variables: VariableValues) -> list[Any]:
        declared = {each.variable.name.value for each in operation.variable_definitions or ()}
        return [variables.coerced.get(name) for name in self._conditions if name in declared]

    def _compile(self, operation: OperationDefinitionNode, variables: VariableValues) -> OperationPlan | None:
        try:
            return compiler.compile_operation(self.schema, self.node, operation, variables)
        except (UnsupportedOperationError, RecursionError):
            return None


class DocumentCache:
    """An LRU cache of documents by text, limited in number and in total size."""

    def __init__(self, max_documents: int = 500, max_characters: int = 256_000) -> None:
        self._max_documents, self._max_characters = max_documents, max_characters
        self._documents: OrderedDict[Hashable, CachedDocument] = OrderedDict()
        self._by_node: dict[int, CachedDocument] = {}
        self._characters = 0

    def find(self, text: str) -> CachedDocument | None:
        """Return the document of a text and mark it as recently used."""
        key = _key(text)
        document = self._documents.get(key)
        if document is not None:
            self._documents.move_to_end(key)
        return document

    def find_by_node(self, node: DocumentNode) -> CachedDocument | None:
        return self._by_node.get(id(node))

    def add(self, text: str, document: CachedDocument) -> None:
        """Add a valid document, unless it takes more than an eighth of the cache, and evict the least recently used."""
        key = _key(text)
        if key in self._documents or len(text) * 8 > self._max_characters:
            return
        self._documents[key] = self._by_node[id(document.node)] = document
        self._characters += document.size
        while len(self._documents) > self._max_documents or self._characters > self._max_characters:
            _, oldest = self._documents.popitem(last=False)
            del self._by_node[id(oldest.node)]
            self._characters -= oldest.size

    def __len__(self) -> int:
        return len(self._documents)


def _key(text: str) -> Hashable:
    return text if len(text) <= _MAX_KEY_LENGTH else hashlib.sha256(text.encode(errors="surrogatepass")).digest()


def _operations(node: DocumentNode) -> dict[str | None, OperationDefinitionNode]:
    """Return the operations by name; None is the key of the first one."""
    operations: dict[str | None, OperationDefinitionNode] = {}
    for each in node.definitions:
        if isinstance(each, OperationDefinitionNode):
            operations.setdefault(None, each)
            if each.name:
                operations[each.name.value] = each
    return operations


class _ArgumentVisitor(Visitor):
    def __init__(self, names: Container[str]) -> None:
        super().__init__()
        self._names = names
        self.variables: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        if node.name.value in self._names and isinstance(node.value, VariableNode):
            self.variables.add(node.value.name.value)


def argument_variables(document: DocumentNode, *names: str) -> tuple[str, ...]:
    """Return the variables that arguments of these names take, of fields and directives."""
    visitor = _ArgumentVisitor(names)
    visit(document, visitor)
    return tuple(sorted(visitor.variables))
