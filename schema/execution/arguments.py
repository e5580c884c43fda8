"""Coercion of field arguments: literals once per plan, variables once per execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import ArgumentNode, FieldNode, GraphQLArgument, GraphQLField, Undefined, get_argument_values
from graphql.execution.values import VariableValues
from graphql.language import VariableNode

from schema.execution.variables import NO_VARIABLES

_NO_ARGUMENTS: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class CompiledArguments:
    """The arguments that the document fixes, defaults included, and the variables that supply the others."""

    constants: Mapping[str, Any]
    variables: tuple[tuple[str, str], ...] = ()
    """Pairs of an argument's Python name and a variable's name."""

    def fill(self, variables: VariableValues) -> Mapping[str, Any] | None:
        """Return all arguments, or None when a variable is missing or null: graphql-core has to coerce them then."""
        values = dict(self.constants)
        for name, variable in self.variables:
            value = variables.coerced.get(variable)
            if value is None:
                return None
            values[name] = value
        return values


def compile_arguments(definition: GraphQLField, node: FieldNode) -> CompiledArguments | None:
    """Compile the arguments of a field; None if one is a list or an input object, which may contain variables."""
    if not definition.args:
        return CompiledArguments(_NO_ARGUMENTS)
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    if any(_is_composite(argument) for argument in nodes.values()):
        return None
    variables = {name: each.value for name, each in nodes.items() if isinstance(each.value, VariableNode)}
    fixed = {name: each for name, each in definition.args.items() if name not in variables}
    constants = get_argument_values(GraphQLField(definition.type, fixed), node, NO_VARIABLES) if fixed else {}
    names = ((definition.args[name].out_name or name, value.name.value) for name, value in variables.items())
    return CompiledArguments(constants, tuple(names))


def possible_names(definition: GraphQLField, node: FieldNode) -> set[str]:
    """Return the arguments that a resolver may receive other than null: those in the document and the defaults."""
    in_document = {argument.name.value for argument in node.arguments or ()}
    return in_document | {name for name, each in definition.args.items() if _default(each) not in (None, Undefined)}


def _default(argument: GraphQLArgument) -> Any:  # noqa: ANN401  any value
    return argument.default_value if argument.default is None else argument.default


def _is_composite(argument: ArgumentNode) -> bool:
    return hasattr(argument.value, "values") or hasattr(argument.value, "fields")
