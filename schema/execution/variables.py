"""Variables that are as usual: read without graphql-core's whole algorithm, which has the word on all others."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import strawberry
from graphql import OperationDefinitionNode, get_variable_values, is_leaf_type, is_non_null_type
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

NONE: Final = VariableValues({}, {})

_CLASSES: Final[Mapping[str, type]] = {"String": str, "ID": str, "Boolean": bool, "Int": int}
"""What is a value of these scalars as it stands."""

_MAX_INT: Final = 2**31 - 1


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: strawberry.Schema, operation: OperationDefinitionNode) -> None:
        self._schema, self._nodes = schema._schema, operation.variable_definitions or ()  # noqa: SLF001  Strawberry's
        found = (get_variable_signature(self._schema, node) for node in self._nodes)
        # of a valid operation all have one
        signatures = cast("Iterable[GraphQLVariableSignature]", found)
        self._usual = [(signature, *_usual(signature)) for signature in signatures]

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The values, or None when any is none of its type: what to say of that is for others."""
        return (self._quickly(given) if self._nodes else NONE) or self._slowly(given)

    def _quickly(self, given: Mapping[str, Any]) -> VariableValues | None:
        sources, coerced = {}, {}
        for signature, kind, may_be_left_out in self._usual:
            name = signature.name
            value = given.get(name)
            if kind is not None and _stands_for_itself(value, kind):
                sources[name], coerced[name] = VariableValueSource(signature, value), value
            elif name not in given and may_be_left_out:
                sources[name] = VariableValueSource(signature)
            else:
                return None
        return VariableValues(sources, coerced)

    def _slowly(self, given: Mapping[str, Any]) -> VariableValues | None:
        found = get_variable_values(self._schema, self._nodes, dict(given), max_errors=50)
        return found if isinstance(found, VariableValues) else None


def _stands_for_itself(value: Any, kind: type) -> bool:  # noqa: ANN401  JSON
    return value.__class__ is kind and (not isinstance(value, int) or -_MAX_INT <= value <= _MAX_INT)


def _usual(signature: GraphQLVariableSignature) -> tuple[type | None, bool]:
    """The class of values that stand for themselves, and whether there may be none at all."""
    is_needed = is_non_null_type(signature.type)
    bare: Any = signature.type.of_type if is_non_null_type(signature.type) else signature.type
    kind = _CLASSES.get(bare.name) if is_leaf_type(bare) else None
    return kind, not is_needed and signature.default is None
