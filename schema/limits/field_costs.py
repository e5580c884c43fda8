"""What the complexity estimate knows about the fields of a schema: weights, and sizes of lists.

The directives are those of the GraphQL Cost Directives specification (https://ibm.github.io/graphql-specs).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

import strawberry
from graphql import GraphQLField, GraphQLSchema, get_named_type, is_interface_type, is_object_type
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location

from schema.execution.strawberry_internals import core_schema

SIGNED_URL_WEIGHT: Final = 5


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="The length of a list in the cost estimate: the value of an argument, or a bound or usual number.",
)
class ListSize:
    assumed_size: int | None = strawberry.directive_field(name="assumedSize", default=strawberry.UNSET)
    slicing_arguments: list[str] | None = strawberry.directive_field(name="slicingArguments", default=strawberry.UNSET)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="cost", description="The weight of a field in the cost estimate."
)
class Cost:
    weight: str = strawberry.directive_field(name="weight")


signed_url = partial(strawberry.field, directives=[Cost(weight=str(SIGNED_URL_WEIGHT))])
"""A field with a signed URL."""


@dataclass(frozen=True, slots=True)
class FieldCost:
    """The type and weight of a field, and how many items its list has; ``slicing`` is the argument with that number."""

    type_name: str = ""
    weight: int = 1
    size: float = 1
    slicing: str | None = None


UNKNOWN: Final = FieldCost()
FieldCosts = Mapping[str, Mapping[str, FieldCost]]
"""By type and field."""


@lru_cache(maxsize=4)
def from_schema(schema: strawberry.Schema) -> FieldCosts:
    """Return the costs of all fields of object and interface types, those of introspection included."""
    core = core_schema(schema)
    introspection = _introspection_sizes(core)
    return {
        name: {
            field_name: _field_cost(field, introspection.get((name, field_name), 1))
            for field_name, field in each.fields.items()
        }
        for name, each in core.type_map.items()
        if is_object_type(each) or is_interface_type(each)
    } | {"Query": _with_meta_fields(core, introspection)}


def _field_cost(field: GraphQLField, size: float) -> FieldCost:
    slicing, weight = None, 1
    for directive in directives(field):
        if isinstance(directive, ListSize):
            slicing = directive.slicing_arguments[0] if directive.slicing_arguments else None
            default = field.args[slicing].default_value if slicing else None
            size = directive.assumed_size or (default if isinstance(default, int) else 1)
        elif isinstance(directive, Cost):
            weight = int(directive.weight)
    return FieldCost(get_named_type(field.type).name, weight, size, slicing)


def directives(field: GraphQLField) -> list[Any]:
    """Return the directives of a field, none for a field of introspection."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return list(definition.directives) if definition else []


def _with_meta_fields(core: GraphQLSchema, sizes: Mapping[tuple[str, str], float]) -> Mapping[str, FieldCost]:
    assert core.query_type is not None  # noqa: S101  validated
    fields = {name: _field_cost(field, sizes.get(("Query", name), 1)) for name, field in core.query_type.fields.items()}
    return fields | {"__schema": FieldCost("__Schema"), "__type": FieldCost("__Type")}


def _introspection_sizes(core: GraphQLSchema) -> Mapping[tuple[str, str], float]:
    """Return the average lengths of the lists of introspection: their products are the size of the whole schema."""
    counts: Counter[str] = Counter()
    for each in core.type_map.values():
        fields = getattr(each, "fields", {})
        is_input = not (is_object_type(each) or is_interface_type(each))
        counts["inputFields" if is_input else "fields"] += len(fields)
        counts["args"] += 0 if is_input else sum(len(field.args) for field in fields.values())
        counts["wrapped"] += sum(str(field.type).count("!") + str(field.type).count("[") for field in fields.values())
        counts["interfaces"] += len(getattr(each, "interfaces", ()))
        counts["enumValues"] += len(getattr(each, "values", {}))
        counts["possibleTypes"] += len(getattr(each, "types", ()))
    types = len(core.type_map)
    averages = {("__Type", name): count / types for name, count in counts.items()}
    return averages | {
        # a geometric series with the average number of wrappers of a type
        ("__Type", "ofType"): counts["wrapped"] / (counts["wrapped"] + counts["fields"] + counts["inputFields"]),
        ("__Schema", "types"): types,
        ("__Schema", "directives"): len(core.directives),
        ("__Directive", "args"): 2,
        ("__Directive", "locations"): 1,
        ("__Field", "args"): counts["args"] / max(counts["fields"], 1),
    }
