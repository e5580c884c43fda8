"""Coercion of variables and field arguments, with fast paths for values that need none.

Literal arguments are coerced once per plan, variables once per execution.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, cast

import strawberry
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    get_argument_values,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

from schema.execution import strawberry_internals

NO_VARIABLES: Final = VariableValues({}, {})

ArgumentCoercer = Callable[[VariableValues], Mapping[str, Any]]
"""Returns the arguments of a field by their Python names. Raises GraphQLError."""

_INVARIANT_SCALARS: Final[Mapping[str, type]] = {"String": str, "ID": str, "Boolean": bool, "Int": int}
"""Scalars that leave values of a class unchanged, an Int within the bounds below."""

_MAX_INT: Final = 2**31 - 1


class VariableCoercer:
    """Coerces the variables of one operation."""

    def __init__(self, schema: strawberry.Schema, operation: OperationDefinitionNode) -> None:
        self._schema = strawberry_internals.core_schema(schema)
        self._nodes = operation.variable_definitions or ()
        found = (get_variable_signature(self._schema, node) for node in self._nodes)
        # every variable of a valid operation has a signature
        signatures = cast("Iterable[GraphQLVariableSignature]", found)
        self._rules = [(signature, *_fast_path(signature)) for signature in signatures]

    def coerce(self, values: Mapping[str, Any]) -> VariableValues | None:
        """Return the coerced variables, or None when one is invalid; graphql-core reports the errors."""
        return (self._coerce_fast(values) if self._nodes else NO_VARIABLES) or self._coerce(values)

    def _coerce_fast(self, values: Mapping[str, Any]) -> VariableValues | None:
        sources, coerced = {}, {}
        for signature, python_type, is_optional in self._rules:
            name = signature.name
            value = values.get(name)
            if python_type is not None and _is_invariant(value, python_type):
                sources[name], coerced[name] = VariableValueSource(signature, value), value
            elif name not in values and is_optional:
                sources[name] = VariableValueSource(signature)
            else:
                return None
        return VariableValues(sources, coerced)

    def _coerce(self, values: Mapping[str, Any]) -> VariableValues | None:
        coerced = get_variable_values(self._schema, self._nodes, dict(values), max_errors=50)
        return coerced if isinstance(coerced, VariableValues) else None


def _is_invariant(value: Any, python_type: type) -> bool:  # noqa: ANN401  JSON
    return value.__class__ is python_type and (not isinstance(value, int) or -_MAX_INT <= value <= _MAX_INT)


def _fast_path(signature: GraphQLVariableSignature) -> tuple[type | None, bool]:
    """Return the class of values that need no coercion, and whether the variable may be omitted without a default."""
    is_required = is_non_null_type(signature.type)
    named_type: Any = signature.type.of_type if is_non_null_type(signature.type) else signature.type
    python_type = _INVARIANT_SCALARS.get(named_type.name) if is_leaf_type(named_type) else None
    return python_type, not is_required and signature.default is None


def build_argument_coercer(definition: GraphQLField, node: FieldNode) -> ArgumentCoercer:
    """Build a function that coerces the arguments of a field: literals and defaults now, variables when it is called.

    It leaves variables that are missing or null, and lists and input objects, which may contain variables, to
    graphql-core.
    """
    coerce_all = partial(get_argument_values, definition, node)
    nodes = {argument.name.value: argument for argument in node.arguments or ()}
    if any(isinstance(each.value, ListValueNode | ObjectValueNode) for each in nodes.values()):
        return coerce_all
    variables = {name: each.value for name, each in nodes.items() if isinstance(each.value, VariableNode)}
    fixed = {name: each for name, each in definition.args.items() if name not in variables}
    constants = get_argument_values(GraphQLField(definition.type, fixed), node, NO_VARIABLES) if fixed else {}
    names = [(definition.args[name].out_name or name, value.name.value) for name, value in variables.items()]

    def coerce(values: VariableValues) -> Mapping[str, Any]:
        supplied = {name: values.coerced.get(variable) for name, variable in names}
        return coerce_all(values) if None in supplied.values() else constants | supplied

    return coerce if names else lambda _values: constants


def possible_names(definition: GraphQLField, node: FieldNode) -> set[str]:
    """Return the arguments that a resolver may receive other than null: those in the document and the defaults."""
    in_document = {argument.name.value for argument in node.arguments or ()}
    return in_document | {name for name, each in definition.args.items() if _default(each) not in (None, Undefined)}


def _default(argument: GraphQLArgument) -> Any:  # noqa: ANN401  any value
    return argument.default_value if argument.default is None else argument.default
