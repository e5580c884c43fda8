"""The library: tracks that a user keeps."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from core.jobs import Mode
from resolvers import tracks
from schema import connections
from schema.connections import Connection
from schema.context import Info
from schema.enums import SourceType
from schema.errors import ForbiddenError, NotFoundError, UnavailableError
from schema.tracks import Track
from storage import tables
from storage.tables import Source
from storage.tracks import Only

__all__ = ["SourceType"]


@strawberry.type(description="A track in your library.")
class LibraryEntry:
    """From the entry's row and its track's."""

    id: strawberry.ID = strawberry.field(description="Id of the entry, not of the track.")
    source: Source = strawberry.field(description="How the track came here.")
    saved_at: datetime = strawberry.field(description="When it was saved.")
    track: Track = strawberry.field(description="The track.")

    @classmethod
    def of(cls, row: tables.LibraryEntry, track: tables.Track) -> Self:
        """The rows as a type."""
        return cls(id=strawberry.ID(row.id), source=row.source, saved_at=row.created_at, track=Track.of(track))


async def connection(
    info: Info, organization_id: str, only: Only, *, first: int, after: str | None
) -> Connection[LibraryEntry]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.limit(first)
    position = connections.position(after)
    rows = await tracks.library(ctx, organization_id, only, limit=limit + 1, after=position)

    def edge(row: tuple[tables.LibraryEntry, tables.Track]) -> tuple[connections.Position, LibraryEntry]:
        return (row[0].created_at, row[0].id), LibraryEntry.of(*row)

    return connections.page(rows, limit, after, edge, lambda: tracks.count(ctx, organization_id, only))


@strawberry.input(description="Narrows a library.")
class LibraryFilter:
    """Decoded into Only."""

    mode: Mode | None = strawberry.field(default=None, description="Only tracks of this mode.")
    engine: str | None = strawberry.field(default=None, description="Only tracks of this engine.")
    collection_id: strawberry.ID | None = strawberry.field(default=None, description="Only members of this collection.")

    def only(self) -> Only:
        """The filter as resolvers know it."""
        return Only(self.mode, self.engine, self.collection_id)


@strawberry.input(description="Which track.")
class TrackInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The track.")


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
Input = Annotated[TrackInput, strawberry.argument(description="Which track.")]


@strawberry.type
class LibraryMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Keep a track in your library; again, it answers the same entry.")
    async def save_track(self, info: Info, input: Input) -> SaveTrackResult:  # noqa: A002
        """See tracks.save."""
        entry = await tracks.save(info.context.ctx, input.id)
        return SaveTrackPayload(entry=LibraryEntry.of(entry, await tracks.get(info.context.ctx, input.id)))

    @strawberry.mutation(description="Take a track out of your library; harmless when it is not there.")
    async def unsave_track(self, info: Info, input: Input) -> UnsaveTrackResult:  # noqa: A002
        """See tracks.unsave."""
        return UnsaveTrackPayload(track=Track.of(await tracks.unsave(info.context.ctx, input.id)))

    @strawberry.mutation(description="Take a track that you made from everybody, for good.")
    async def delete_track(self, info: Info, input: Input) -> DeleteTrackResult:  # noqa: A002
        """See tracks.delete."""
        track = await tracks.delete(info.context.ctx, input.id)
        return DeleteTrackPayload(deleted_id=strawberry.ID(track.id))
