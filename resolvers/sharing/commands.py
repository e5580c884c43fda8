"""What a caller may ask of a share link."""

from typing import Annotated, Final

from pydantic import Field, StrictInt
from pydantic.dataclasses import dataclass

from core.sharing import Visibility
from resolvers.access import validation

MAX_DAYS: Final = 90
"""A longer life is cut to this."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class Share:
    """A new link; without days it works until it is revoked."""

    visibility: Visibility = Visibility.LINK_ONLY
    expires_in_days: Annotated[StrictInt, Field(ge=1), validation.WHOLE] | None = None
