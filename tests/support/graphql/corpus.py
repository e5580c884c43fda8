"""The queries in the tests and guides, with values for their variables."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ListTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    parse,
    validate,
)

from core.settings import PROJECT

_BLOCK: Final = re.compile(r"```graphql[^\n]*\n(.*?)```", re.DOTALL)


def load_documents(schema: GraphQLSchema) -> dict[str, DocumentNode]:
    """Return the valid query documents by text, in the order of the files."""
    found: dict[str, DocumentNode] = {}
    for text in _texts():
        node = _parsed(text)
        if node is not None and text not in found and _has_queries(node) and not validate(schema, node):
            found[text] = node
    return found


def build_variables(node: DocumentNode, known: Mapping[str, str]) -> dict[str, Any]:
    """Return values for the variables of the first operation: ids by name, others by type."""
    operation = next(each for each in node.definitions if isinstance(each, OperationDefinitionNode))
    return {
        each.variable.name.value: value
        for each in operation.variable_definitions or ()
        if (value := _value(each.variable.name.value, each.type, known)) is not None
    }


def _value(name: str, kind: TypeNode, known: Mapping[str, str]) -> Any:  # noqa: ANN401
    if isinstance(kind, NonNullTypeNode):
        return _value(name, kind.type, known)
    if isinstance(kind, ListTypeNode):
        return [*known.values()] if "ID" in str(kind.type.to_dict()) else []
    written = kind.to_dict()["name"]["value"]
    return {"ID": known.get(name, known["id"]), "Int": 2, "Boolean": True, "Float": 0.5, "String": known.get(name)}.get(
        written
    )


def _texts() -> Iterator[str]:
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        yield from (each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str))
    for path in sorted((PROJECT / "docs").rglob("*.md")):
        yield from _BLOCK.findall(path.read_text(encoding="utf-8"))
    yield (PROJECT / "tests" / "e2e" / "clients" / "operations.graphql").read_text(encoding="utf-8")


def _parsed(text: str) -> DocumentNode | None:
    if "{" not in text:
        return None
    try:
        return parse(text)
    except (GraphQLError, RecursionError):
        return None


def _has_queries(node: DocumentNode) -> bool:
    operations = [each for each in node.definitions if isinstance(each, OperationDefinitionNode)]
    return bool(operations) and operations[0].operation is OperationType.QUERY
