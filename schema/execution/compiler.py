"""Compile a GraphQL operation to an execution plan."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    get_directive_values,
    get_named_type,
    is_abstract_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition

from schema.execution import coercion, completion, field_resolvers, projections, strawberry_internals
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
    compiler = _Compiler(schema, _FieldCollector(core_schema, fragments, variables))
    root = compiler.selection(root_type, [operation.selection_set], python_type=None)
    return OperationPlan(core_schema, operation, fragments, root)


@dataclass(frozen=True, slots=True)
class _FieldCollector:
    """CollectFields of the GraphQL specification: expands fragments and applies @skip and @include."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def collect(
        self, object_type: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode | None]
    ) -> dict[str, list[FieldNode]]:
        """Return the field nodes of each response name, in response order. A fragment is expanded once."""
        fields: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selections in selection_sets:
            for node in self._nodes(object_type, selections, visited):
                response_name = node.alias.value if node.alias else node.name.value
                fields.setdefault(response_name, []).append(node)
        return fields

    def _nodes(
        self, object_type: GraphQLObjectType, selections: SelectionSetNode | None, visited: set[str]
    ) -> Iterator[FieldNode]:
        for node in filter(self._is_included, selections.selections if selections else ()):
            match node:
                case FieldNode():
                    yield node
                case InlineFragmentNode() if self._applies(object_type, node.type_condition):
                    yield from self._nodes(object_type, node.selection_set, visited)
                case FragmentSpreadNode() if node.name.value not in visited:
                    fragment = self.fragments[node.name.value]
                    if self._applies(object_type, fragment.type_condition):
                        visited.add(node.name.value)
                        yield from self._nodes(object_type, fragment.selection_set, visited)

    def _is_included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, object_type: GraphQLObjectType, condition: NamedTypeNode | None) -> bool:
        if condition is None or condition.name.value == object_type.name:
            return True
        condition_type = self.schema.get_type(condition.name.value)
        return is_abstract_type(condition_type) and self.schema.is_sub_type(condition_type, object_type)


class _Compiler:
    def __init__(self, schema: strawberry.Schema, collector: _FieldCollector) -> None:
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
            coerce_arguments=coercion.build_argument_coercer(definition, nodes[0]),
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
