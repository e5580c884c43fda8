"""Scalars and enums: how their values are written, quickly where they are as usual."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from graphql import GraphQLEnumType, GraphQLLeafType, Undefined
from graphql.pyutils import inspect

_JSON: Final = frozenset({dict, list, str, int, float, bool})
USUAL: Final[Mapping[str, frozenset[type]]] = {
    "String": frozenset({str}),
    "ID": frozenset({str}),
    "Int": frozenset({int}),
    "Float": frozenset({float, int}),
    "Boolean": frozenset({bool}),
    "DateTime": frozenset({datetime}),
    "Decimal": frozenset({Decimal}),
    "JSON": _JSON,
}
"""The classes whose values a projection writes, by the scalar's name; enums take their members and those's values."""

TOLD: Final[Mapping[str, type]] = {"DateTime": datetime, "Decimal": Decimal}
"""Scalars that write any value of a class, and never as null."""


class Unusual(Exception):  # noqa: N818  it reads as what the value is
    """A value that a projection leaves to the whole algorithm."""


def written(kind: GraphQLLeafType, value: Any) -> Any:  # noqa: ANN401  any value
    """As the specification has it, for a value that is not null. Raises when the type cannot hold it."""
    coerced = kind.coerce_output_value(value)
    if coerced is None or coerced is Undefined:
        raise TypeError(
            f"Expected `{inspect(kind)}.coerce_output_value({inspect(value)})` to return non-nullable value,"
            f" returned: {inspect(coerced)}"
        )
    return coerced


def usual(kind: GraphQLLeafType, *, is_nullable: bool) -> Callable[[Any], Any]:
    """Writes what is of the classes above, and None where it may be. Raises Unusual, or what the type raises."""
    classes = USUAL.get(kind.name, frozenset())

    def write(value: Any) -> Any:  # noqa: ANN401
        if value is None and is_nullable:
            return None
        if value.__class__ not in classes:
            raise Unusual
        return written(kind, value)

    return write


def names(kind: GraphQLEnumType, *, is_nullable: bool) -> Mapping[Any, str | None]:
    """The name of each member, found by the member and by its value; that of None, where it may be, is None."""
    found: dict[Any, str | None] = {None: None} if is_nullable else {}
    members: type[Enum] = getattr(kind, "wrapped_cls")  # noqa: B009  Strawberry's enums have it
    for member in members:
        name = kind.coerce_output_value(member)
        found[member] = name
        if isinstance(member.value, str):
            found[member.value] = name
    return found
