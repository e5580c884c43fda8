"""Strawberry attributes without a public equivalent; tested with strawberry-graphql 0.341 and graphql-core 3.3."""

from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLEnumType, GraphQLResolveInfo, GraphQLSchema
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the graphql-core schema of a Strawberry schema."""
    return schema._schema  # noqa: SLF001  see the docstring of this module


def core_info(info: strawberry.Info[Any, Any]) -> GraphQLResolveInfo[Any]:
    """Return graphql-core's info; ``Info.selected_fields`` builds an object for each selection, ten times slower."""
    return info._raw_info  # noqa: SLF001  see the docstring of this module


def strawberry_info(info_class: type[strawberry.Info], core_info: Any, field: StrawberryField) -> strawberry.Info:  # noqa: ANN401
    """Build Strawberry's info for a resolver call."""
    return info_class(_raw_info=core_info, _field=field)


def enum_class(enum_type: GraphQLEnumType) -> type[Enum]:
    """Return the Python enum of a GraphQL enum type."""
    wrapped: type[Enum] = getattr(enum_type, "wrapped_cls")  # noqa: B009  an attribute of Strawberry's subclass
    return wrapped


def enum_definition(enum: type[Enum]) -> StrawberryEnumDefinition:
    """Return the definition that ``strawberry.enum`` has attached to a Python enum."""
    definition: StrawberryEnumDefinition = getattr(enum, "__strawberry_definition__")  # noqa: B009  unknown to mypy
    return definition
