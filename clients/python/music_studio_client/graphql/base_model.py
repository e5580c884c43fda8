"""The base of all generated models."""

from typing import Final

import pydantic


class UnsetType:
    """The type of a variable that is left out of the request, as opposed to null."""

    def __bool__(self) -> bool:
        return False


UNSET: Final = UnsetType()


class BaseModel(pydantic.BaseModel):
    """A response or an input. Names are those of the schema in snake case; inputs accept both."""

    model_config = pydantic.ConfigDict(populate_by_name=True, protected_namespaces=(), frozen=True, defer_build=True)
