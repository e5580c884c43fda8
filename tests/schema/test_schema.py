"""The printed schema, and the rule that everything in it is described."""

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
from schema.schema import build_schema

SNAPSHOT = PROJECT / "schema" / "schema.graphql"


def test_the_printed_schema_is_the_one_that_is_served() -> None:
    # after a change: ./studio schema > schema/schema.graphql, and read the difference
    assert SNAPSHOT.read_text(encoding="utf-8") == build_schema().as_str() + "\n"


def test_everything_is_described() -> None:
    assert list(_undescribed(build_schema()._schema)) == []


def _undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if not name.startswith("__"):
            yield from _undescribed_in(name, kind)


def _undescribed_in(name: str, kind: GraphQLNamedType) -> Iterator[str]:
    if not kind.description:
        yield name
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for field_name, field in kind.fields.items():
            if not field.description:
                yield f"{name}.{field_name}"
            yield from (
                f"{name}.{field_name}({argument_name})"
                for argument_name, argument in field.args.items()
                if not argument.description
            )
    if isinstance(kind, GraphQLInputObjectType):
        yield from (f"{name}.{field}" for field, value in kind.fields.items() if not value.description)
    if isinstance(kind, GraphQLEnumType):
        yield from (f"{name}.{value}" for value, member in kind.values.items() if not member.description)
