"""What a field's resolver is called with: told once where the document says it, filled in where variables stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import ArgumentNode, FieldNode, GraphQLArgument, GraphQLField, Undefined, get_argument_values
from graphql.execution.values import VariableValues
from graphql.language import VariableNode

from schema.execution.variables import NONE

_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Arguments:
    """Those that the document tells, defaults too, and which variable each of the others is."""

    told: Mapping[str, Any]
    variables: tuple[tuple[str, str], ...] = ()

    def filled(self, variables: VariableValues) -> Mapping[str, Any] | None:
        """All of them; None where a variable has no value, or is null: that is for graphql-core to judge."""
        values = dict(self.told)
        for name, variable in self.variables:
            value = variables.coerced.get(variable)
            if value is None:
                return None
            values[name] = value
        return values


def of(definition: GraphQLField, node: FieldNode) -> Arguments | None:
    """The arguments of a field; None if a variable is inside of one, or may be."""
    if not definition.args:
        return Arguments(_NOTHING)
    given = {argument.name.value: argument for argument in node.arguments or ()}
    variables = {name: each.value for name, each in given.items() if isinstance(each.value, VariableNode)}
    if any(_is_composed(argument) for argument in given.values()):
        return None
    rest = {name: each for name, each in definition.args.items() if name not in variables}
    told = get_argument_values(GraphQLField(definition.type, rest), node, NONE) if rest else {}
    names = ((definition.args[name].out_name or name, value.name.value) for name, value in variables.items())
    return Arguments(told, tuple(names))


def may_have(definition: GraphQLField, node: FieldNode) -> set[str]:
    """The names of those that a resolver may be called with anything for: given, or there by default and not null."""
    given = {argument.name.value for argument in node.arguments or ()}
    return given | {name for name, each in definition.args.items() if _default(each) not in (None, Undefined)}


def _default(argument: GraphQLArgument) -> Any:  # noqa: ANN401  any value
    return argument.default_value if argument.default is None else argument.default


def _is_composed(argument: ArgumentNode) -> bool:
    return hasattr(argument.value, "values") or hasattr(argument.value, "fields")
