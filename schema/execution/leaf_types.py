"""Output coercion of scalars and enums."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from graphql import GraphQLEnumType, GraphQLLeafType, Undefined
from graphql.pyutils import inspect

from schema.execution import strawberry_internals

EXPECTED_CLASSES: Final[Mapping[str, frozenset[type]]] = {
    "String": frozenset({str}),
    "ID": frozenset({str}),
    "Int": frozenset({int}),
    "Float": frozenset({float, int}),
    "Boolean": frozenset({bool}),
    "DateTime": frozenset({datetime}),
    "Decimal": frozenset({Decimal}),
    "JSON": frozenset({dict, list, str, int, float, bool}),
}
"""The classes whose values a projection coerces, by scalar."""

TOTAL_SCALARS: Final[Mapping[str, type]] = {"DateTime": datetime, "Decimal": Decimal}
"""Scalars that coerce every value of a class, and none to null."""


EncodedJson = orjson.Fragment
"""JSON of a list or an object that is complete: it goes into the response as it is, which orjson has to encode."""


class ProjectionError(Exception):
    """A value is not of an expected class; it has to be completed step by step."""


def coerce_output(leaf_type: GraphQLLeafType, value: Any) -> Any:  # noqa: ANN401  any value
    """Coerce a value other than null as the specification demands. Raises when the type cannot represent it."""
    coerced = leaf_type.coerce_output_value(value)
    if coerced is None or coerced is Undefined:
        raise TypeError(
            f"Expected `{inspect(leaf_type)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
            f" returned: {inspect(coerced)}"
        )
    return coerced


def build_output_coercer(leaf_type: GraphQLLeafType, *, is_nullable: bool) -> Callable[[Any], Any]:
    """Build a function that coerces values of the expected classes and raises ProjectionError for all others."""
    classes = EXPECTED_CLASSES.get(leaf_type.name, frozenset())

    def coerce(value: Any) -> Any:  # noqa: ANN401
        if value is None and is_nullable:
            return None
        if value.__class__ not in classes:
            raise ProjectionError
        return coerce_output(leaf_type, value)

    return coerce


def enum_names(enum_type: GraphQLEnumType, *, is_nullable: bool) -> Mapping[Any, str | None]:
    """Map the members of an enum, and those of their values that are strings, to GraphQL names; a null to None."""
    names: dict[Any, str | None] = {None: None} if is_nullable else {}
    for member in strawberry_internals.enum_class(enum_type):
        name = enum_type.coerce_output_value(member)
        names[member] = name
        if isinstance(member.value, str):
            names[member.value] = name
    return names
