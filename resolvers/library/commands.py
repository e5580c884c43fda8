"""Input of the mutations of tracks, libraries and collections."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, FailFast, Field
from pydantic.dataclasses import dataclass

from core.jobs import Mode
from resolvers.access import validation
from storage.queries.libraries import Filter
from storage.tables import MAX_TAGS, LibrarySource

MAX_MEMBERS: Final = 10_000
"""The most tracks a collection holds."""

MAX_SELECTED: Final = 1_000
"""The most tracks that an archive is requested of, if not of all."""

Id = Annotated[str, validation.Text(1, 255)]
Tag = Annotated[str, validation.Text(1, 64)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]
Name = Annotated[str, validation.Text(1, 512)]
Description = Annotated[str, validation.Text(0, 5000)]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class FilterLibrary(Filter):
    """Which entries of a library to list: those that meet every condition and have every tag."""

    mode: Mode | None = None
    engine: Annotated[str, validation.Text(0, 255)] | None = None
    collection_id: Annotated[str, validation.Text(0, 255)] | None = None
    tags: Tags = ()
    is_favourite: validation.Flag | None = None
    style: Annotated[str, validation.Text(0, 255)] | None = None
    source: LibrarySource | None = None
    query: Annotated[str, validation.Text(0, 200)] | None = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateExport:
    """An archive of everything, or of the tracks with these ids."""

    track_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MAX_SELECTED)] | None = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class TagTrack:
    """All tags of a saved track; an empty list removes them."""

    tags: Tags


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class UpdateTrack:
    """Changes of a track; fields left out stay. The title cannot be cleared."""

    title: Annotated[str, validation.Text(1, 255)] = validation.omitted()


_HOST: Final = r"""([^\u0000-\u0020"/#:<>?@\[\\\]^`{|}\u007f-\u00a0]+|\[[0-9A-Fa-f:.]+\])"""
_PORT: Final = r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_PATH: Final = r"([/?#][^\u0000-\u0020\u007f-\u00a0]*)?"

HTTP_URL: Final = rf"^[Hh][Tt][Tt][Pp][Ss]?://{_HOST}{_PORT}{_PATH}$"
"""An absolute http or https URL without blanks, control characters and user info.

Both Python and JSON Schema (ECMA-262) understand this regular expression.
"""


def _http_url(text: str) -> str:
    if not re.fullmatch(HTTP_URL, text):
        raise validation.rule_error("Must be an http or https address.")
    return text


ImageUrl = Annotated[
    str, validation.Text(1, 1024), AfterValidator(_http_url), Field(json_schema_extra={"pattern": HTTP_URL})
]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateCollection:
    """A new, empty collection."""

    name: Name
    """Name. White space at both ends is removed."""
    description: Description | None = None
    """Description."""
    cover_track_id: Id | None = None
    """ID of a track, which you can access, whose cover represents the collection."""
    cover_image_url: ImageUrl | None = None
    """HTTP or HTTPS URL of an image. The server does not fetch it."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class UpdateCollection:
    """Changes of a collection; fields left out stay, an explicit null or blank text clears."""

    name: Name = validation.omitted()
    """Name. White space at both ends is removed."""
    description: Description | None = validation.omitted()
    """Description."""
    cover_track_id: Id | None = validation.omitted()
    """ID of a track, which you can access, whose cover represents the collection."""
    cover_image_url: ImageUrl | None = validation.omitted()
    """HTTP or HTTPS URL of an image. The server does not fetch it."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class AddCollectionTrack:
    """A track to append to a collection."""

    track_id: Id
    """ID of a track that you can access."""


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class ReorderCollection:
    """A new order: ids of non-members are ignored, members left out follow in their present order."""

    ordered_track_ids: Annotated[tuple[Id, ...], Field(max_length=MAX_MEMBERS), FailFast()]
    """IDs of the tracks to move to the start, in order."""
