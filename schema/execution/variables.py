"""Coercion of variables, with a fast path for values that need none."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import strawberry
from graphql import OperationDefinitionNode, get_variable_values, is_leaf_type, is_non_null_type
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

from schema.execution import strawberry_internals

NO_VARIABLES: Final = VariableValues({}, {})

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
