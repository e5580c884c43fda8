"""Input objects of mutations."""

from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import UNSET

from resolvers.access.validation import Unvalidated

Object = TypeVar("Object")
Command = TypeVar("Command")

Input = Annotated[Object, strawberry.argument(description="The parameters of the mutation.")]
"""The type of a mutation's ``input`` argument."""


def to_command(
    command: type[Command],
    value: Any,  # noqa: ANN401  any input object
    *exclude: str,
    keep_null: bool = True,
    **defaults: object,
) -> Unvalidated[Command]:
    """Return the command of an input object: the fields that the client set and the defaults of those it did not.

    With ``keep_null=False`` a null counts as not set.
    """
    fields = {
        name: field
        for name, field in vars(value).items()
        if field is not UNSET and (keep_null or field is not None) and name not in exclude
    }
    return Unvalidated(command, defaults | fields)
