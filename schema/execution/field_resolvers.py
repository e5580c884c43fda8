"""Resolvers: how a field finds its value, with Strawberry's wrapping taken off where it does nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

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
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from schema.execution import arguments
from schema.execution.plans import Field, Place, Resolve

if TYPE_CHECKING:
    from schema.execution.execute import Run

_BACK: Final = "strawberry-definition"


def attribute(schema: strawberry.Schema, definition: GraphQLField) -> str | None:
    """The attribute that a field shows; None for one with a resolver of its own."""
    field = definition.extensions.get(_BACK)
    is_default = schema.config.default_resolver is getattr and getattr(definition.resolve, "_is_default", False)
    return field.python_name if isinstance(field, StrawberryField) and field.is_basic_field and is_default else None


def resolver(
    schema: strawberry.Schema, definition: GraphQLField, parent: GraphQLObjectType, node: FieldNode
) -> Resolve:
    """What finds the value: our own function where that is all there is to it, else as graphql-core would."""
    if definition is TypeNameMetaFieldDef:
        return lambda _run, _field, _source, _place: parent.name
    name, field = attribute(schema, definition), definition.extensions.get(_BACK)
    if name is not None:
        return lambda _run, _field, source, _place: getattr(source, name)
    if isinstance(field, StrawberryField) and field.base_resolver and _is_bare(definition, field, node):
        return _direct(schema, field, field.base_resolver)
    return _wrapped(definition)


def _is_bare(definition: GraphQLField, field: StrawberryField, node: FieldNode) -> bool:
    """Whether a call needs none of Strawberry's work: no extensions, no refusals as members, no inputs to build."""
    found = field.base_resolver
    is_simple = found is not None and not (found.parent_parameter or found.root_parameter)
    asked = arguments.may_have(definition, node)
    is_leafy = all(is_leaf_type(get_nullable_type(definition.args[name].type)) for name in asked)
    is_union = is_union_type(get_named_type(definition.type))
    return is_simple and is_leafy and not (field.extensions or field.is_subscription or is_union)


def _direct(schema: strawberry.Schema, field: StrawberryField, found: StrawberryResolver[Any]) -> Resolve:
    # a class method would have been bound by now
    function: Callable[..., Any] = found.wrapped_func  # type: ignore[assignment]
    takes_self, info = found.self_parameter is not None, found.info_parameter
    renamed = {schema.config.name_converter.from_argument(each): each.python_name for each in field.arguments}
    make = schema.config.info_class

    def resolve(run: "Run", of: Field, source: Any, place: Place) -> Any:  # noqa: ANN401
        given = {renamed[name]: value for name, value in run.arguments(of).items()} if renamed else {}
        if info is not None:
            given[info.name] = make(_raw_info=run.info(of, place), _field=field)
        return function(source, **given) if takes_self else function(**given)

    return resolve


def _wrapped(definition: GraphQLField) -> Resolve:
    function = definition.resolve
    if function is None:
        raise TypeError("every field of Strawberry's has a resolver")

    def resolve(run: "Run", of: Field, source: Any, place: Place) -> Any:  # noqa: ANN401
        return function(source, run.info(of, place), **run.arguments(of))

    return resolve
