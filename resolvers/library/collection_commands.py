"""What a caller may ask of a collection, with every rule of the contract on its field."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from resolvers.access import validation

MAX_MEMBERS: Final = 10_000

Name = Annotated[str, validation.Text(1, 512)]
Description = Annotated[str, validation.Text(0, 5000)]
Id = Annotated[str, validation.Text(1, 255)]


_HOST: Final = r"""([^\u0000-\u0020"/#:<>?@\[\\\]^`{|}\u007f-\u00a0]+|\[[0-9A-Fa-f:.]+\])"""
_PORT: Final = r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_REST: Final = r"([/?#][^\u0000-\u0020\u007f-\u00a0]*)?"

WEB_ADDRESS: Final = rf"^[Hh][Tt][Tt][Pp][Ss]?://{_HOST}{_PORT}{_REST}$"
"""What an address must look like, in words that JSON Schema shares: no blanks, no controls, no user or password."""


def _web_address(text: str) -> str:
    if not re.fullmatch(WEB_ADDRESS, text):
        raise validation.problem("Must be an http or https address.")
    return text


ImageUrl = Annotated[str, validation.Text(1, 1024), AfterValidator(_web_address)]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateCollection:
    """A new, empty collection."""

    name: Name
    description: Description | None = None
    cover_track_id: Id | None = None
    cover_image_url: ImageUrl | None = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class UpdateCollection:
    """Changes of a collection: what is left out stays, an explicit null clears."""

    name: Name = validation.omitted()
    description: Description | None = validation.omitted()
    cover_track_id: Id | None = validation.omitted()
    cover_image_url: ImageUrl | None = validation.omitted()


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class AddTrack:
    """A track to append."""

    track_id: Id


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class Reorder:
    """A new order; ids that are no members are ignored, members left out keep their order behind the named ones."""

    ordered_track_ids: Annotated[tuple[Id, ...], Field(max_length=MAX_MEMBERS)]
