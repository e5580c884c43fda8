"""CollectFields of the GraphQL specification: expand fragments and apply @skip and @include."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    is_abstract_type,
)
from graphql.execution.values import VariableValues


@dataclass(frozen=True, slots=True)
class FieldCollector:
    """Collects the fields of one document for one set of variables."""

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
        for node in selections.selections if selections else ():
            if self._is_included(node):
                yield from self._expand(object_type, node, visited)

    def _expand(self, object_type: GraphQLObjectType, node: SelectionNode, visited: set[str]) -> Iterator[FieldNode]:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode() if self._applies(object_type, node.type_condition):
                yield from self._nodes(object_type, node.selection_set, visited)
            case FragmentSpreadNode():
                fragment = self.fragments.get(node.name.value)
                if fragment and node.name.value not in visited and self._applies(object_type, fragment.type_condition):
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
