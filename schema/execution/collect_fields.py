"""Which fields a selection asks of a type, fragments and conditions worked out: the specification's CollectFields."""

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
class Collector:
    """Collects by the fragments of one document, for one choice of variables."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def fields(self, of: GraphQLObjectType, sets: Iterable[SelectionSetNode | None]) -> dict[str, list[FieldNode]]:
        """The nodes of each key, keys in the order of the answer. Each fragment counts once."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selections in sets:
            for node in self._nodes(of, selections, seen):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
        return found

    def _nodes(self, of: GraphQLObjectType, selections: SelectionSetNode | None, seen: set[str]) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            if self._is_wanted(node):
                yield from self._inside(of, node, seen)

    def _inside(self, of: GraphQLObjectType, node: SelectionNode, seen: set[str]) -> Iterator[FieldNode]:
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode() if self._fits(of, node.type_condition):
                yield from self._nodes(of, node.selection_set, seen)
            case FragmentSpreadNode():
                fragment = self.fragments.get(node.name.value)
                if fragment and node.name.value not in seen and self._fits(of, fragment.type_condition):
                    seen.add(node.name.value)
                    yield from self._nodes(of, fragment.selection_set, seen)

    def _is_wanted(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _fits(self, of: GraphQLObjectType, condition: NamedTypeNode | None) -> bool:
        if condition is None or condition.name.value == of.name:
            return True
        named = self.schema.get_type(condition.name.value)
        return is_abstract_type(named) and self.schema.is_sub_type(named, of)
