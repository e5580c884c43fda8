"""Makes plans: one operation of a document, with one choice of its conditions; the schema's types meet the document."""

from collections.abc import Iterable, Mapping
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    TypeNameMetaFieldDef,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.base import StrawberryObjectDefinition

from schema.execution import arguments, completion, field_resolvers, projections
from schema.execution.collect_fields import Collector
from schema.execution.plans import MAX_FIELDS, Field, Plan, Selection, Uncovered


def fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """A document's fragments by their names."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def compiled(
    schema: strawberry.Schema, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
) -> Plan:
    """The plan of a valid operation for all variables that choose as these do. Raises Uncovered."""
    root = schema._schema.get_root_type(operation.operation)  # noqa: SLF001  Strawberry keeps it there
    if root is None or operation.operation is OperationType.MUTATION or operation.directives:
        raise Uncovered
    known = fragments(document)
    collector = Collector(schema._schema, known, variables)  # noqa: SLF001
    selection = _Compiler(schema, collector).selection(root, [operation.selection_set], origin=None)
    return Plan(schema._schema, operation, known, selection)  # noqa: SLF001


class _Compiler:
    def __init__(self, schema: strawberry.Schema, collector: Collector) -> None:
        self._schema, self._collector = schema, collector
        self._left = MAX_FIELDS

    def selection(self, of: GraphQLObjectType, sets: Iterable[Any], origin: type | None) -> Selection:
        """What is asked of a type, all below included."""
        found = self._collector.fields(of, sets)
        fields = tuple(self._field(of, name, nodes) for name, nodes in found.items())
        selection = Selection(of, fields, origin, projections.split(fields))
        selection.project = projections.of_object(selection)
        return selection

    def _field(self, parent: GraphQLObjectType, name: str, nodes: list[FieldNode]) -> Field:
        self._left -= 1
        if self._left < 0:
            raise Uncovered
        definition = self._definition(parent, nodes[0])
        field = Field(
            name, parent, definition, nodes, field_resolvers.resolver(self._schema, definition, parent, nodes[0])
        )
        field.attribute = field_resolvers.attribute(self._schema, definition)
        field.selections = self._below(definition, nodes)
        field.arguments = arguments.of(definition, nodes[0])
        field.complete = completion.of(field)
        return field

    def _definition(self, parent: GraphQLObjectType, node: FieldNode) -> GraphQLField:
        name = node.name.value
        definition = TypeNameMetaFieldDef if name == "__typename" else parent.fields.get(name)
        if definition is None:
            # introspection: asked for by tools, now and then
            raise Uncovered
        return definition

    def _below(self, definition: GraphQLField, nodes: list[FieldNode]) -> Mapping[str, Selection]:
        kind = get_named_type(definition.type)
        sets = [node.selection_set for node in nodes]
        if is_object_type(kind):
            return {kind.name: self.selection(kind, sets, _origin(kind))}
        if is_abstract_type(kind):
            possible = self._collector.schema.get_possible_types(kind)
            return {each.name: self.selection(each, sets, _origin(each)) for each in possible}
        return {}


def _origin(kind: GraphQLObjectType) -> type:
    """The class of a type's objects."""
    definition = kind.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryObjectDefinition):
        raise Uncovered
    return (definition.concrete_of or definition).origin
