"""What a caller may ask of a library and of its tracks, with every rule on its field."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.jobs import Mode
from resolvers.access import validation
from storage.tables import MAX_TAGS

Tag = Annotated[str, validation.Text(1, 64)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class Narrow:
    """What to see of a library: every condition holds, every tag is there."""

    mode: Mode | None = None
    engine: Annotated[str, validation.Text(0, 255)] | None = None
    collection_id: Annotated[str, validation.Text(0, 255)] | None = None
    tags: Tags = ()
    is_favourite: validation.Flag | None = None
    query: Annotated[str, validation.Text(0, 200)] | None = None


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class TagTrack:
    """The tags of a saved track, all of them; none takes them off."""

    tags: Tags


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class UpdateTrack:
    """Changes of a track: what is left out stays. A title cannot be cleared."""

    title: Annotated[str, validation.Text(1, 255)] = validation.omitted()
