"""Compile a GraphQL operation to an execution plan."""

from collections.abc import Iterable, Mapping

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    get_named_type,
    is_abstract_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition

from schema.execution import coercion, completion, field_resolvers, projections, strawberry_internals
from schema.execution.collect_fields import FieldCollector
from schema.execution.plans import MAX_FIELDS, FieldPlan, OperationPlan, SelectionPlan, UnsupportedOperationError


def compile_operation(
    schema: strawberry.Schema, document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues
) -> OperationPlan:
    """Compile a valid operation for all variables with the same ``@skip`` and ``@include`` conditions.

    Raises UnsupportedOperationError.
    """
    core_schema = strawberry_internals.core_schema(schema)
    root_type = core_schema.get_root_type(operation.operation)
    if root_type is None or operation.operation is OperationType.MUTATION or operation.directives:
        raise UnsupportedOperationError
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    compiler = _Compiler(schema, FieldCollector(core_schema, fragments, variables))
    root = compiler.selection(root_type, [operation.selection_set], python_type=None)
    return OperationPlan(core_schema, operation, fragments, root)


class _Compiler:
    def __init__(self, schema: strawberry.Schema, collector: FieldCollector) -> None:
        self._schema, self._collector = schema, collector
        self._remaining_fields = MAX_FIELDS

    def selection(
        self,
        object_type: GraphQLObjectType,
        selection_sets: Iterable[SelectionSetNode | None],
        python_type: type | None,
    ) -> SelectionPlan:
        collected = self._collector.collect(object_type, selection_sets)
        fields = tuple(self._field(object_type, name, nodes) for name, nodes in collected.items())
        selection = SelectionPlan(object_type, fields, python_type, projections.dynamic_fields(fields))
        selection.project = projections.compile_object_projection(selection)
        return selection

    def _field(self, parent_type: GraphQLObjectType, response_name: str, nodes: list[FieldNode]) -> FieldPlan:
        self._remaining_fields -= 1
        if self._remaining_fields < 0:
            raise UnsupportedOperationError
        definition = _definition(parent_type, nodes[0])
        field = FieldPlan(
            nodes,
            is_nullable=not is_non_null_type(definition.type),
            response_name=response_name,
            parent_type=parent_type,
            definition=definition,
            resolve=field_resolvers.build_resolver(self._schema, definition, parent_type, nodes[0]),
            attribute=field_resolvers.plain_attribute(self._schema, definition),
            selections=self._selections(definition, nodes),
            arguments=coercion.compile_arguments(definition, nodes[0]),
        )
        field.complete = completion.build_completer(field)
        return field

    def _selections(self, definition: GraphQLField, nodes: list[FieldNode]) -> Mapping[str, SelectionPlan]:
        named_type = get_named_type(definition.type)
        selection_sets = [node.selection_set for node in nodes]
        if is_object_type(named_type):
            return {named_type.name: self.selection(named_type, selection_sets, _python_type(named_type))}
        if is_abstract_type(named_type):
            possible_types = self._collector.schema.get_possible_types(named_type)
            return {each.name: self.selection(each, selection_sets, _python_type(each)) for each in possible_types}
        return {}


def _definition(parent_type: GraphQLObjectType, node: FieldNode) -> GraphQLField:
    name = node.name.value
    definition = TypeNameMetaFieldDef if name == "__typename" else parent_type.fields.get(name)
    if definition is None:
        # an introspection field, left to graphql-core because only tools use it
        raise UnsupportedOperationError
    return definition


def _python_type(object_type: GraphQLObjectType) -> type:
    """Return the Python class that represents a GraphQL object type."""
    definition = object_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition):
        raise UnsupportedOperationError
    return (definition.concrete_of or definition).origin
