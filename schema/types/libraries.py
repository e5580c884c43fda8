"""The library: tracks that a user keeps."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Annotated, Final, Self

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from core.jobs import Mode
from resolvers.library import libraries, tracks
from schema.relay import connections, cursors
from schema.relay.connections import Connection, Edge, PageInfo
from schema.runtime import lookahead, row_types
from schema.runtime.context import Info
from schema.types.enums import LibrarySourceType
from schema.types.errors import ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from schema.types.tracks import Track
from storage import tables
from storage.queries.libraries import Direction, Filter, Order, Sort
from storage.queries.projections import LIGHT_TRACK, WHOLE, Named
from storage.tables import MAX_TAGS, LibrarySource

__all__ = ["LibrarySourceType"]


@row_types.row_backed(saved_at=lambda entry: entry.row.created_at, track=lambda entry: Track.from_row(entry.track_row))
@strawberry.type(description="A track in your library.")
class LibraryEntry:
    """From the entry's row and its track's."""

    id: strawberry.ID = strawberry.field(description="Id of the entry, not of the track.")
    source: LibrarySource = strawberry.field(description="How the track came here.")
    tags: list[str] = strawberry.field(description="Your tags on it.")
    is_favourite: bool = strawberry.field(description="Whether it is a favourite of yours.")
    saved_at: datetime = strawberry.field(description="When it was saved.")
    track: Track = strawberry.field(description="The track.")
    row: strawberry.Private[tables.LibraryEntry]
    track_row: strawberry.Private[tables.Track]

    @classmethod
    def from_rows(cls, row: tables.LibraryEntry, track: tables.Track) -> Self:
        """The rows as a type."""
        return row_types.build(cls, row=row, track_row=track)


_KINDS: Final[Mapping[Sort, type]] = {
    Sort.SAVED_AT: datetime,
    Sort.CREATED_AT: datetime,
    Sort.TITLE: str,
    Sort.DURATION: float,
}
_OF_TRACK: Final = {name: to_camel_case(name) for name in LIGHT_TRACK}
_OF_ENTRY: Final = {name: "savedAt" if name == "created_at" else to_camel_case(name) for name in WHOLE.entry}
"""How columns are called in documents."""
_PLAIN: Final = lookahead.field_names(Connection, Edge, PageInfo, LibraryEntry) | (
    lookahead.field_names(Track) & frozenset(_OF_TRACK.values())
)
"""Who asks for no more than this needs the columns that are asked for, and no others."""
_RISING: Final = frozenset({Sort.TITLE, Sort.DURATION})
"""What is sorted from the least on unless asked otherwise."""


def order(sort: Sort, direction: Direction | None) -> Order:
    """A sort in the direction that was asked for, or in its own."""
    own = Direction.ASC if sort in _RISING else Direction.DESC
    return Order(sort, direction or own)


async def connection(
    info: Info, organization_id: str, only: Filter, order: Order, *, first: int, after: str | None
) -> Connection[LibraryEntry]:
    """The page behind a cursor, which belongs to its order."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    name = f"{order.sort} {order.direction}"
    position = cursors.decode_sort_key(after, name, _KINDS[order.sort])
    named = _named(lookahead.selected_if_within(info, _PLAIN))
    rows = await libraries.page(ctx, organization_id, only, order, limit=limit + 1, after=position, named=named)
    edges = [
        Edge(cursor=cursors.encode_sort_key(name, key, entry.id), node=LibraryEntry.from_rows(entry, track))
        for entry, track, key in rows[:limit]
    ]
    count = partial(libraries.count, ctx, organization_id, only)
    return connections.from_edges(edges, after, count, has_next=len(rows) > limit)


@lru_cache(maxsize=256)
def _named(asked: frozenset[str] | None) -> Named:
    """What to read for a document that asks for these fields, or for any."""
    if asked is None:
        return WHOLE
    return Named(*(tuple(name for name in of if name == "id" or of[name] in asked) for of in (_OF_ENTRY, _OF_TRACK)))


@strawberry.input(description="Narrows a library; every condition holds.")
class LibraryFilter:
    """Decoded into FilterLibrary, where the rules stand."""

    mode: Mode | None = strawberry.field(default=None, description="Only tracks of this mode.")
    engine: str | None = strawberry.field(default=None, description="Only tracks of this engine.")
    collection_id: strawberry.ID | None = strawberry.field(default=None, description="Only members of this collection.")
    tags: list[str] = strawberry.field(
        default_factory=list, description=f"Only tracks with all of these tags, up to {MAX_TAGS}."
    )
    is_favourite: bool | None = strawberry.field(default=None, description="Only favourites, or only others.")


@strawberry.input(description="Which track.")
class TrackInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The track.")


@strawberry.input(description="Tags for a track in your library, instead of those it has.")
class TagTrackInput:
    """Decoded into TagTrack, where the rules stand."""

    id: strawberry.ID = strawberry.field(description="The track.")
    tags: list[str] = strawberry.field(
        description=f"Up to {MAX_TAGS} of 1 to 64 characters; none takes all off. The same twice counts once."
    )


@strawberry.input(description="Whether a track in your library is a favourite.")
class FavouriteTrackInput:
    """Decoded into an id and a flag."""

    id: strawberry.ID = strawberry.field(description="The track.")
    is_favourite: bool = strawberry.field(default=True, description="False for one no more.")


@strawberry.input(description="Changes of a track that you made: what is left out stays.")
class UpdateTrackInput:
    """Decoded into UpdateTrack, where the rules stand."""

    id: strawberry.ID = strawberry.field(description="The track.")
    title: str | None = strawberry.field(default=UNSET, description="1 to 255 characters; cannot be cleared.")


@strawberry.type(description="The track in your library as it is now.")
class LibraryEntryPayload:
    """Success of tagTrack and favouriteTrack."""

    entry: LibraryEntry = strawberry.field(description="The entry.")


@strawberry.type(description="The track as it is now.")
class UpdateTrackPayload:
    """Success of updateTrack."""

    track: Track = strawberry.field(description="The track.")


@strawberry.type(description="The track is in your library.")
class SaveTrackPayload:
    """Success of saveTrack."""

    entry: LibraryEntry = strawberry.field(description="The new entry, or the one that was there.")


@strawberry.type(description="The track is not in your library.")
class UnsaveTrackPayload:
    """Success of unsaveTrack."""

    track: Track = strawberry.field(description="The track.")


@strawberry.type(description="The track is gone from everybody.")
class DeleteTrackPayload:
    """Success of deleteTrack."""

    deleted_id: strawberry.ID = strawberry.field(description="Id of the track.")


SaveTrackResult = Annotated[
    SaveTrackPayload | NotFoundError | UnavailableError,
    strawberry.union("SaveTrackResult", description="What saveTrack answers."),
]
UnsaveTrackResult = Annotated[
    UnsaveTrackPayload | NotFoundError | UnavailableError,
    strawberry.union("UnsaveTrackResult", description="What unsaveTrack answers."),
]
DeleteTrackResult = Annotated[
    DeleteTrackPayload | NotFoundError | ForbiddenError | UnavailableError,
    strawberry.union("DeleteTrackResult", description="What deleteTrack answers."),
]
TagTrackResult = Annotated[
    LibraryEntryPayload | NotFoundError | InvalidInputError | UnavailableError,
    strawberry.union("TagTrackResult", description="What tagTrack answers."),
]
FavouriteTrackResult = Annotated[
    LibraryEntryPayload | NotFoundError | UnavailableError,
    strawberry.union("FavouriteTrackResult", description="What favouriteTrack answers."),
]
UpdateTrackResult = Annotated[
    UpdateTrackPayload | NotFoundError | InvalidInputError | ForbiddenError | UnavailableError,
    strawberry.union("UpdateTrackResult", description="What updateTrack answers."),
]
TrackArgument = Annotated[TrackInput, strawberry.argument(description="Which track.")]


@strawberry.type
class LibraryMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Keep a track in your library; again, it answers the same entry.")
    async def save_track(self, info: Info, input: TrackArgument) -> SaveTrackResult:  # noqa: A002
        """See tracks.save."""
        entry = await tracks.save(info.context.ctx, input.id)
        return SaveTrackPayload(entry=LibraryEntry.from_rows(entry, await tracks.get(info.context.ctx, input.id)))

    @strawberry.mutation(description="Take a track out of your library; harmless when it is not there.")
    async def unsave_track(self, info: Info, input: TrackArgument) -> UnsaveTrackResult:  # noqa: A002
        """See tracks.unsave."""
        return UnsaveTrackPayload(track=Track.from_row(await tracks.unsave(info.context.ctx, input.id)))

    @strawberry.mutation(description="Take a track that you made from everybody, for good.")
    async def delete_track(self, info: Info, input: TrackArgument) -> DeleteTrackResult:  # noqa: A002
        """See tracks.delete."""
        track = await tracks.delete(info.context.ctx, input.id)
        return DeleteTrackPayload(deleted_id=strawberry.ID(track.id))

    @strawberry.mutation(description="Set your tags on a track in your library.")
    async def tag_track(
        self,
        info: Info,
        input: Annotated[TagTrackInput, strawberry.argument(description="Which ones on which.")],  # noqa: A002
    ) -> TagTrackResult:
        """See libraries.tag."""
        return LibraryEntryPayload(
            entry=LibraryEntry.from_rows(*await libraries.tag(info.context.ctx, input.id, {"tags": input.tags}))
        )

    @strawberry.mutation(description="Make a track in your library a favourite, or one no more.")
    async def favourite_track(
        self,
        info: Info,
        input: Annotated[FavouriteTrackInput, strawberry.argument(description="Which track.")],  # noqa: A002
    ) -> FavouriteTrackResult:
        """See libraries.favour."""
        kept = await libraries.favour(info.context.ctx, input.id, is_favourite=input.is_favourite)
        return LibraryEntryPayload(entry=LibraryEntry.from_rows(*kept))

    @strawberry.mutation(description="Give a track that you made another title, for everybody who has it.")
    async def update_track(
        self,
        info: Info,
        input: Annotated[UpdateTrackInput, strawberry.argument(description="The changes.")],  # noqa: A002
    ) -> UpdateTrackResult:
        """See tracks.update."""
        fields = {} if input.title is UNSET else {"title": input.title}
        return UpdateTrackPayload(track=Track.from_row(await tracks.update(info.context.ctx, input.id, fields)))
