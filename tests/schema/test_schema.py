"""The printed schema and its descriptions."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from core.settings import PROJECT
from schema.execution.strawberry_internals import core_schema
from schema.schema import build_schema

SNAPSHOT = PROJECT / "schema" / "schema.graphql"


def test_the_printed_schema_is_up_to_date() -> None:
    # after a change: ./studio schema > schema/schema.graphql, and review the difference
    assert SNAPSHOT.read_text(encoding="utf-8") == build_schema().as_str() + "\n"


def test_everything_has_a_description() -> None:
    assert list(_undescribed(core_schema(build_schema()))) == []


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
