"""Declaration of mutations: their input objects and their unions of payload and errors."""

from collections.abc import Awaitable, Callable
from functools import wraps
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import has_object_definition
from strawberry.types.union import StrawberryUnion
from strawberry.utils.str_converters import to_camel_case

from resolvers.access import validation
from resolvers.access.validation import Unvalidated
from schema.runtime.context import Info
from schema.types.errors import Error, ForbiddenError, UnavailableError

Object = TypeVar("Object")
Command = TypeVar("Command")
Resolver = Callable[..., Awaitable[object]]

Input = Annotated[Object, strawberry.argument(description="The parameters of the mutation.")]
"""The type of a mutation's ``input`` argument."""


def mutation(
    description: str,
    errors: type[Error] | UnionType,
    union: StrawberryUnion | None = None,
    *,
    is_personal: bool = False,
) -> Callable[[Resolver], Any]:
    """Declare a mutation that returns a union: the resolver's payload, ``errors``, ForbiddenError and UnavailableError.

    A mutation is forbidden to viewers, unless it is personal: it changes the caller's own credentials only.

    The union is named after the mutation unless ``union`` names it.
    """

    def decorate(resolver: Resolver) -> Any:  # noqa: ANN401  as strawberry.mutation
        name = to_camel_case(resolver.__name__)
        result = union or strawberry.union(f"{name[0].upper()}{name[1:]}Result", description=f"The result of `{name}`.")
        always = (ForbiddenError, UnavailableError)
        specific = [error for error in get_args(errors) or [errors] if error not in always]
        members = (resolver.__annotations__["return"], *specific, *always)
        result.type_annotations = tuple(map(StrawberryAnnotation, members))

        @wraps(resolver)
        async def change(root: object, info: Info, **arguments: object) -> object:
            if not is_personal:
                info.context.ctx = info.context.ctx.for_change()
            return await resolver(root, info, **arguments)

        return strawberry.mutation(change, description=description, graphql_type=result)

    return decorate


def to_command(
    command: type[Command],
    value: Any,  # noqa: ANN401  any input object
    *exclude: str,
    **defaults: object,
) -> Unvalidated[Command]:
    """Return the command of an input object: the fields that the client set and the defaults of those it left empty."""
    fields = {name: _plain(field) for name, field in vars(value).items() if field is not UNSET and name not in exclude}
    fields |= {name: default for name, default in defaults.items() if validation.is_empty(fields.get(name))}
    return Unvalidated(command, fields)


def _plain(value: Any) -> Any:  # noqa: ANN401  any input value
    """Return a nested input object as a mapping of its fields that are not null, and other values unchanged."""
    if not has_object_definition(value):
        return value
    return {name: _plain(field) for name, field in vars(value).items() if field not in (UNSET, None)}
