"""The library: the tracks that a user has saved."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Final, Self

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from core.jobs import Mode
from resolvers.library import libraries, tracks
from resolvers.library.commands import TagTrack, UpdateTrack
from schema.limits.field_costs import ListSize
from schema.relay import connections, cursors, json_edges
from schema.relay.connections import Connection, Edge, PageInfo
from schema.relay.node import Node
from schema.runtime import lookahead, row_types
from schema.runtime.context import Info
from schema.runtime.row_types import NestedProperty
from schema.types.errors import ForbiddenError, InvalidInputError, NotFoundError
from schema.types.mutations import Input, mutation, to_command
from schema.types.tracks import Track
from storage import tables
from storage.queries.libraries import Direction, Filter, Order, Sort
from storage.queries.library_pages import PUBLIC_COLUMNS, TRACK_COLUMNS_WITHOUT_JSON, Columns
from storage.tables import MAX_TAGS, LibrarySource


@row_types.row_backed(saved_at="row.created_at", track=NestedProperty(Track, "track_row"))
@strawberry.type(description="A track saved in your library. Its ID differs from that of the track.")
class LibraryEntry(Node):
    source: LibrarySource = strawberry.field(description="How the track was added.")
    tags: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=MAX_TAGS)], description="Your tags on the track."
    )
    is_favourite: bool = strawberry.field(description="Whether you marked the track as a favourite.")
    saved_at: datetime = strawberry.field(description="The time when the track was saved.")
    share_link_id: strawberry.ID | None = strawberry.field(
        description="The ID of the share link from which the track was saved, or null if it was not."
    )
    track: Track | None = strawberry.field(
        description="The track. Nullable as the fields of this name of other types, so that a document can select both."
    )
    row: strawberry.Private[tables.LibraryEntry]
    track_row: strawberry.Private[tables.Track]

    @classmethod
    def from_optional(cls, rows: tuple[tables.LibraryEntry, tables.Track] | None) -> Self | None:
        return None if rows is None else cls.from_rows(*rows)

    @classmethod
    def from_rows(cls, row: tables.LibraryEntry, track: tables.Track) -> Self:
        return row_types.build(cls, row=row, track_row=track)


_SORT_TYPES: Final[Mapping[Sort, type]] = {
    Sort.SAVED_AT: datetime,
    Sort.CREATED_AT: datetime,
    Sort.TITLE: str,
    Sort.DURATION: float,
}
_ASCENDING_BY_DEFAULT: Final = frozenset({Sort.TITLE, Sort.DURATION})
_TRACK_FIELDS: Final = {column: to_camel_case(column) for column in TRACK_COLUMNS_WITHOUT_JSON}
_ENTRY_FIELDS: Final = {
    column: "savedAt" if column == "created_at" else to_camel_case(column) for column in PUBLIC_COLUMNS.entry
}
"""GraphQL field names by column."""
_COLUMN_FIELDS: Final = lookahead.field_names(Connection, Edge, PageInfo, LibraryEntry) | (
    lookahead.field_names(Track) & frozenset(_TRACK_FIELDS.values())
)
"""A query that selects only these fields reads only the selected columns."""


_TABLES: Final = {"row": "library_entries", "track_row": "tracks"}
"""The tables of the rows of an entry."""

DEFAULT_SORT: Final = Sort.SAVED_AT


def order(sort: Sort | None, direction: Direction | None) -> Order:
    """Return the order for a sort; its direction defaults to that of the sort."""
    sort = sort or DEFAULT_SORT
    default = Direction.ASC if sort in _ASCENDING_BY_DEFAULT else Direction.DESC
    return Order(sort, direction or default)


async def connection(
    info: Info, organization_id: str, only: Filter, order: Order, *, first: int | None, after: str | None
) -> Connection[LibraryEntry]:
    ctx, limit = info.context.ctx, connections.page_size(first)
    order_name = f"{order.sort} {order.direction}"
    position = cursors.decode_sort_key(after, order_name, _SORT_TYPES[order.sort])
    count = partial(libraries.count, ctx, organization_id, only)
    template = json_edges.find_template(info, _TABLES, cursors.sort_key_parts(order_name, order.sort))
    page = template and await libraries.load_page_json(
        ctx, organization_id, only, order, template, size=limit, after=position
    )
    if page:
        return connections.from_json(page, count, after=after)
    columns = _columns(lookahead.selected_if_within(info, _COLUMN_FIELDS))
    rows = await libraries.list_page(
        ctx, organization_id, only, order, limit=limit + 1, after=position, columns=columns
    )
    edges = [
        Edge(cursor=cursors.encode_sort_key(order_name, key, entry.id), node=LibraryEntry.from_rows(entry, track))
        for entry, track, key in rows[:limit]
    ]
    return connections.from_edges(edges, count, after=after, has_next_page=len(rows) > limit)


@lru_cache(maxsize=256)
def _columns(selected: frozenset[str] | None) -> Columns:
    """Return the columns to read for the selected fields, or all columns for None."""
    if selected is None:
        return PUBLIC_COLUMNS
    return Columns(
        *(
            tuple(column for column, field in fields.items() if column == "id" or field in selected)
            for fields in (_ENTRY_FIELDS, _TRACK_FIELDS)
        )
    )


@strawberry.input(description="Filters for a library. An entry must match all of them.")
class LibraryFilter:
    mode: Mode | None = strawberry.field(default=None, description="Tracks of this mode.")
    engine: str | None = strawberry.field(default=None, description="Tracks of the engine with this key.")
    collection_id: strawberry.ID | None = strawberry.field(default=None, description="Tracks of this collection.")
    tags: list[str] | None = strawberry.field(
        default_factory=list, description=f"Tracks with all of these tags, up to {MAX_TAGS}."
    )
    is_favourite: bool | None = strawberry.field(default=None, description="Favourites if true, other tracks if false.")
    style: str | None = strawberry.field(default=None, description="Tracks of this style, as `Track.style` names it.")
    source: LibrarySource | None = strawberry.field(default=None, description="Tracks that were added in this way.")


@strawberry.input(description="The parameters of `saveTrack`, `unsaveTrack` and `deleteTrack`.")
class TrackInput:
    id: strawberry.ID = strawberry.field(description="The ID of the track.")


@strawberry.input(description="The parameters of `tagTrack`.")
class TagTrackInput(TrackInput):
    tags: list[str] = strawberry.field(
        description=f"The new tags, up to {MAX_TAGS} of 1 to 64 characters each. They replace the current tags; an "
        "empty list removes all. Duplicates are ignored."
    )


@strawberry.input(description="The parameters of `favouriteTrack`.")
class FavouriteTrackInput(TrackInput):
    is_favourite: bool | None = strawberry.field(default=True, description="Whether the track is a favourite.")


@strawberry.input(description="The parameters of `updateTrack`. Omitted fields stay unchanged.")
class UpdateTrackInput(TrackInput):
    title: str | None = strawberry.field(default=UNSET, description="The title, 1 to 255 characters. Cannot be null.")


@strawberry.type(description="The changed library entry.")
class LibraryEntryPayload:
    entry: LibraryEntry = strawberry.field(description="The library entry.")


@strawberry.type(description="The changed track.")
class UpdateTrackPayload:
    track: Track = strawberry.field(description="The track.")


@strawberry.type(description="The track is in your library.")
class SaveTrackPayload:
    entry: LibraryEntry = strawberry.field(description="The library entry, new or existing.")


@strawberry.type(description="The track is not in your library.")
class UnsaveTrackPayload:
    track: Track = strawberry.field(description="The track.")


@strawberry.type(description="The track was deleted for all users.")
class DeleteTrackPayload:
    deleted_id: strawberry.ID = strawberry.field(description="The ID of the deleted track.")


@strawberry.type
class LibraryMutations:
    @mutation("Save a track in your library. Repeating the mutation returns the same entry.", NotFoundError)
    async def save_track(self, info: Info, input: Input[TrackInput]) -> SaveTrackPayload:
        entry = await tracks.save(info.context.ctx, input.id)
        return SaveTrackPayload(entry=LibraryEntry.from_rows(entry, await tracks.get(info.context.ctx, input.id)))

    @mutation("Remove a track from your library. If it is not there, nothing changes.", NotFoundError)
    async def unsave_track(self, info: Info, input: Input[TrackInput]) -> UnsaveTrackPayload:
        return UnsaveTrackPayload(track=Track.from_row(await tracks.unsave(info.context.ctx, input.id)))

    @mutation("Delete a track that you created, for all users. This cannot be undone.", NotFoundError | ForbiddenError)
    async def delete_track(self, info: Info, input: Input[TrackInput]) -> DeleteTrackPayload:
        row = await tracks.delete(info.context.ctx, input.id)
        return DeleteTrackPayload(deleted_id=strawberry.ID(row.id))

    @mutation("Replace your tags on a track in your library.", NotFoundError | InvalidInputError)
    async def tag_track(self, info: Info, input: Input[TagTrackInput]) -> LibraryEntryPayload:
        rows = await libraries.set_tags(info.context.ctx, input.id, to_command(TagTrack, input, "id"))
        return LibraryEntryPayload(entry=LibraryEntry.from_rows(*rows))

    @mutation("Mark or unmark a track in your library as a favourite.", NotFoundError)
    async def favourite_track(self, info: Info, input: Input[FavouriteTrackInput]) -> LibraryEntryPayload:
        rows = await libraries.set_favourite(info.context.ctx, input.id, is_favourite=input.is_favourite is not False)
        return LibraryEntryPayload(entry=LibraryEntry.from_rows(*rows))

    @mutation("Rename a track that you created, for all users.", NotFoundError | InvalidInputError | ForbiddenError)
    async def update_track(self, info: Info, input: Input[UpdateTrackInput]) -> UpdateTrackPayload:
        row = await tracks.update(info.context.ctx, input.id, to_command(UpdateTrack, input, "id"))
        return UpdateTrackPayload(track=Track.from_row(row))
