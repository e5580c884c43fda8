"""The printed schema and its descriptions."""

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    is_specified_scalar_type,
)

from core import errors
from core.settings import PROJECT
from schema.execution.strawberry_internals import core_schema
from tests.support.graphql import schemas

SCHEMA = schemas.shipped()
SNAPSHOT = PROJECT / "schema" / "schema.graphql"


def test_the_printed_schema_is_up_to_date() -> None:
    # after a change: ./studio schema > schema/schema.graphql, and review the difference
    assert SNAPSHOT.read_text(encoding="utf-8") == SCHEMA.as_str() + "\n"


def test_everything_has_a_description() -> None:
    assert list(_undescribed(core_schema(SCHEMA))) == []


def test_every_scalar_of_the_product_names_its_specification() -> None:
    scalars = [type_ for type_ in core_schema(SCHEMA).type_map.values() if isinstance(type_, GraphQLScalarType)]
    own = [scalar for scalar in scalars if not is_specified_scalar_type(scalar)]
    assert {scalar.name for scalar in own} == {"DateTime", "Decimal", "JSON"}
    assert all(str(scalar.specified_by_url).startswith("https://") for scalar in own)


def test_members_of_a_union_have_fields_of_one_name_with_one_nullability() -> None:
    """A document that selects both would be invalid otherwise (OverlappingFieldsCanBeMerged)."""
    schema = core_schema(SCHEMA)
    unions = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLUnionType)]
    shapes: dict[str, set[str]] = {}
    for union in unions:
        for member in union.types:
            for name, field in member.fields.items():
                shape = re.sub(r"\w+", "", str(field.type))
                shapes.setdefault(f"{union.name}.{name}", set()).add(shape)
    assert {name: found for name, found in shapes.items() if len(found) > 1} == {}


def test_every_object_with_an_id_is_a_node_or_a_public_view() -> None:
    schema = core_schema(SCHEMA)
    node = schema.type_map["Node"]
    with_id = {
        name
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and "id" in type_.fields and node not in type_.interfaces
    }
    # what anyone sees; node(id) resolves the objects of the viewer
    assert with_id == {"SharedTrack", "SharedCollection", "VerifiedTrack"}


def test_a_field_that_can_be_refused_is_nullable() -> None:
    """Pages refuse wrong arguments, and callers who are not admins."""
    schema = core_schema(SCHEMA)
    required = [
        f"{name}.{field_name}"
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
        for field_name, field in type_.fields.items()
        if "first" in field.args and isinstance(field.type, GraphQLNonNull)
    ]
    assert required == []


def test_null_is_allowed_wherever_an_argument_or_input_field_can_be_left_out() -> None:
    schema = core_schema(SCHEMA)
    required = [
        f"{name}.{field_name}({argument_name})"
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field_name, field in type_.fields.items()
        for argument_name, argument in field.args.items()
        if isinstance(argument.type, GraphQLNonNull) and argument.default_value is not Undefined
    ]
    required += [
        f"{name}.{field_name}"
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLInputObjectType)
        for field_name, value in type_.fields.items()
        if isinstance(value.type, GraphQLNonNull) and value.default_value is not Undefined
    ]
    assert required == []


def test_the_error_codes_are_those_of_the_refusals() -> None:
    def codes(refusal: type[errors.Refusal]) -> set[str]:
        own = {refusal.code} if hasattr(refusal, "code") else set()
        return own.union(*map(codes, refusal.__subclasses__()))

    assert {code.value for code in errors.ErrorCode} == codes(errors.Refusal) | {each.value for each in errors.Reason}


def _undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, type_ in schema.type_map.items():
        if not name.startswith("__"):
            yield from _undescribed_in(name, type_)


def _undescribed_in(name: str, type_: GraphQLNamedType) -> Iterator[str]:
    if not type_.description:
        yield name
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for field_name, field in type_.fields.items():
            if not field.description:
                yield f"{name}.{field_name}"
            yield from (
                f"{name}.{field_name}({argument_name})"
                for argument_name, argument in field.args.items()
                if not argument.description
            )
    if isinstance(type_, GraphQLInputObjectType):
        yield from (f"{name}.{field}" for field, value in type_.fields.items() if not value.description)
    if isinstance(type_, GraphQLEnumType):
        yield from (f"{name}.{value}" for value, member in type_.values.items() if not member.description)
