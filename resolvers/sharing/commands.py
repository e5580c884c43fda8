"""Input of the mutations of share links."""

from typing import Annotated, Final

from pydantic import Field, StrictInt
from pydantic.dataclasses import dataclass

from core.sharing import Visibility
from resolvers.access import validation

MAX_DAYS: Final = 90
"""A longer lifetime is reduced to this."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class ShareRequest:
    """A new share link; without ``expires_in_days`` it works until it is revoked."""

    visibility: Visibility = Visibility.LINK_ONLY
    """Who can find the link."""
    expires_in_days: Annotated[StrictInt, Field(ge=1), validation.WHOLE] | None = None
    """Lifetime in days; values above 90 count as 90. By default, the link works until it is revoked."""
