"""What a caller may ask of a collection, with every rule of the contract on its field."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from resolvers import commands

MAX_MEMBERS: Final = 10_000

Name = Annotated[str, commands.Text(1, 512)]
Description = Annotated[str, commands.Text(0, 5000)]
Id = Annotated[str, commands.Text(1, 255)]


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        # reading the port holds it to its bounds; urlsplit itself forgives blanks and line ends
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or any(character.isspace() or not character.isprintable() for character in text):
        raise commands.problem("Must be an http or https address.")
    return text


ImageUrl = Annotated[str, commands.Text(1, 1024), AfterValidator(_web_address)]


@dataclass(frozen=True, slots=True, config=commands.CONFIG)
class CreateCollection:
    """A new, empty collection."""

    name: Name
    description: Description | None = None
    cover_track_id: Id | None = None
    cover_image_url: ImageUrl | None = None


@dataclass(frozen=True, slots=True, config=commands.CONFIG)
class UpdateCollection:
    """Changes of a collection: what is left out stays, an explicit null clears."""

    name: Name = commands.omitted()
    description: Description | None = commands.omitted()
    cover_track_id: Id | None = commands.omitted()
    cover_image_url: ImageUrl | None = commands.omitted()


@dataclass(frozen=True, slots=True, config=commands.CONFIG)
class AddTrack:
    """A track to append."""

    track_id: Id


@dataclass(frozen=True, slots=True, config=commands.CONFIG)
class Reorder:
    """A new order; ids that are no members are ignored, members left out keep their order behind the named ones."""

    ordered_track_ids: Annotated[tuple[Id, ...], Field(max_length=MAX_MEMBERS)]
