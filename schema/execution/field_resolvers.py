"""Resolvers of compiled fields: Strawberry's wrapper is bypassed where it has nothing to do."""

from collections.abc import Callable
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    TypeNameMetaFieldDef,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_union_type,
)
from strawberry.resolvers import is_default_resolver
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from schema.execution import coercion, strawberry_internals
from schema.execution.plans import Execution, FieldPlan, FieldResolver, ResolveInfo, ResponsePath


def plain_attribute(schema: strawberry.Schema, definition: GraphQLField) -> str | None:
    """Return the Python attribute that a field reads; None for a field with a resolver of its own."""
    field = _strawberry_field(definition)
    is_default = (
        schema.config.default_resolver is getattr
        and definition.resolve is not None
        and is_default_resolver(definition.resolve)
    )
    return field.python_name if field is not None and field.is_basic_field and is_default else None


def build_resolver(
    schema: strawberry.Schema, definition: GraphQLField, parent_type: GraphQLObjectType, node: FieldNode
) -> FieldResolver:
    """Build the function that resolves a field, with as little overhead as the same result permits."""
    if definition is TypeNameMetaFieldDef:
        return lambda _execution, _field, _source, _path: parent_type.name
    name, field = plain_attribute(schema, definition), _strawberry_field(definition)
    if name is not None:
        return lambda _execution, _field, source, _path: getattr(source, name)
    if field is not None and field.base_resolver and _needs_no_wrapper(definition, field, field.base_resolver, node):
        return _direct(schema, field, field.base_resolver)
    return _wrapped(definition)


def _strawberry_field(definition: GraphQLField) -> StrawberryField | None:
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return field if isinstance(field, StrawberryField) else None


def _needs_no_wrapper(
    definition: GraphQLField, field: StrawberryField, resolver: StrawberryResolver[Any], node: FieldNode
) -> bool:
    """Whether a call needs neither extensions, nor input objects, nor exceptions converted to union members."""
    names = coercion.possible_names(definition, node)
    return (
        all(is_leaf_type(get_nullable_type(definition.args[name].type)) for name in names)
        and not (resolver.parent_parameter or resolver.root_parameter or field.extensions or field.is_subscription)
        and not is_union_type(get_named_type(definition.type))
    )


def _direct(schema: strawberry.Schema, field: StrawberryField, resolver: StrawberryResolver[Any]) -> FieldResolver:
    # class methods are bound already
    function: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]
    takes_self, info_parameter = resolver.self_parameter is not None, resolver.info_parameter
    python_names = {schema.config.name_converter.from_argument(each): each.python_name for each in field.arguments}
    info_class = schema.config.info_class

    def resolve(execution: Execution, plan: FieldPlan, source: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        values = (
            {python_names[name]: value for name, value in execution.arguments(plan).items()} if python_names else {}
        )
        if info_parameter is not None:
            core_info = ResolveInfo(execution, plan, path)
            values[info_parameter.name] = strawberry_internals.strawberry_info(info_class, core_info, field)
        return function(source, **values) if takes_self else function(**values)

    return resolve


def _wrapped(definition: GraphQLField) -> FieldResolver:
    function = definition.resolve
    if function is None:
        raise TypeError("Strawberry gives every field a resolver")

    def resolve(execution: Execution, plan: FieldPlan, source: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        return function(source, ResolveInfo(execution, plan, path), **execution.arguments(plan))

    return resolve
