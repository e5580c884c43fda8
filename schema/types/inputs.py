"""Input objects of mutations."""

from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import UNSET

Object = TypeVar("Object")

Input = Annotated[Object, strawberry.argument(description="The parameters of the mutation.")]
"""The type of a mutation's ``input`` argument."""


def to_fields(value: Any, *exclude: str, keep_null: bool = True) -> dict[str, object]:  # noqa: ANN401  any input object
    """Return the fields of an input object that the client set, as a resolver's command takes them.

    With ``keep_null=False`` a null counts as not set.
    """
    return {
        name: field
        for name, field in vars(value).items()
        if field is not UNSET and (keep_null or field is not None) and name not in exclude
    }
