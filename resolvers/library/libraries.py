"""Libraries: list, search, tag and mark the tracks that a user saved."""

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import ids
from core.activity import ActivityKind
from core.errors import NotFound
from resolvers.access import own_rows
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import collections
from resolvers.library.commands import TagTrack
from storage.queries import libraries, library_facets, library_json, library_pages
from storage.queries.json_templates import Template
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SavedTrack, SortKey
from storage.queries.library_facets import Facets
from storage.queries.library_json import JsonPage
from storage.queries.library_pages import PUBLIC_COLUMNS, Columns
from storage.tables import LibraryEntry, Track


async def list_page(
    ctx: Context,
    organization_id: str,
    filters: Filter,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    after: tuple[SortKey, str] | None = None,
    columns: Columns = PUBLIC_COLUMNS,
) -> Sequence[SavedTrack]:
    """Return what the caller has saved; nothing when the filter names another user's collection.

    Rows have at least the given columns.
    """
    owner, database = (organization_id, ctx.require_member(organization_id).user_id), ctx.services.database
    if not await _is_allowed(ctx, organization_id, filters):
        return []
    if library_pages.is_supported(filters):
        return await library_pages.load(database, *owner, filters, order, limit=limit, after=after, columns=columns)
    async with database.transaction() as session:
        return await libraries.page(session, *owner, filters, order, limit=limit, after=after)


async def load_page_json(
    ctx: Context,
    organization_id: str,
    filters: Filter,
    order: Order,
    template: Template,
    *,
    size: int,
    after: tuple[SortKey, str] | None,
) -> JsonPage | None:
    """Return the page that ``list_page`` has, with JSON by a template; None if only Python can write the page."""
    caller = ctx.require_member(organization_id)
    if not library_pages.is_supported(filters) or not await _is_allowed(ctx, organization_id, filters):
        return None
    return await library_json.load_page(
        ctx.services.database, organization_id, caller.user_id, filters, order, template, size=size, after=after
    )


async def list_tracks_json(
    ctx: Context, organization_id: str, filters: Filter, names: tuple[str, ...], *, limit: int, offset: int
) -> str:
    """Return the tracks of a page, newest save first, as comma-separated JSON objects with the fields ``names``."""
    caller = ctx.require_member(organization_id)
    if not await _is_allowed(ctx, organization_id, filters):
        return ""
    return await library_json.load_tracks(
        ctx.services.database, organization_id, caller.user_id, filters, names, limit=limit, offset=offset
    )


async def count(ctx: Context, organization_id: str, filters: Filter) -> int:
    """Return how many entries ``list_page`` has in all."""
    caller = ctx.require_member(organization_id)
    if not await _is_allowed(ctx, organization_id, filters):
        return 0
    async with ctx.services.database.transaction() as session:
        return await libraries.count(session, organization_id, caller.user_id, filters)


async def load_facets(ctx: Context, organization_id: str) -> Facets:
    """Return the styles and tags of the caller's library."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await library_facets.load(session, organization_id, caller.user_id)


async def find(ctx: Context, track_id: str) -> tuple[LibraryEntry, Track] | None:
    """Return the caller's entry of a track."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        found = await libraries.find_entry(session, track_id, caller.user_id)
    return found if found and found[0].organization_id in caller.roles else None


async def find_many(ctx: Context, entry_ids: Collection[str]) -> dict[str, tuple[LibraryEntry, Track]]:
    """Return those of the entries that are the caller's, with their tracks, by id."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        found = await libraries.list_entries(session, entry_ids, caller.user_id, caller.roles)
    return {entry.id: (entry, track) for entry, track in found}


find_by_tracks = own_rows.for_caller(libraries.list_entries_of_tracks)
"""Return the caller's entries of these tracks, with the tracks, by the id of the track."""


async def set_tags(ctx: Context, track_id: str, request: Unvalidated[TagTrack]) -> tuple[LibraryEntry, Track]:
    """Replace the tags of a saved track; duplicates are dropped.

    Raises NotFound (the track is not in the caller's library), InvalidInput.
    """
    async with ctx.services.database.transaction() as session:
        entry, track = await _lock_entry(ctx, session, track_id)
        entry.tags = list(dict.fromkeys(request.validate().tags))
        await session.flush()
        await libraries.index_entries(session, col(LibraryEntry.id) == entry.id)
    await ctx.publish_activity(entry.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return entry, track


async def set_favourite(ctx: Context, track_id: str, *, is_favourite: bool) -> tuple[LibraryEntry, Track]:
    """Mark or unmark a saved track as a favourite. Raises NotFound (the track is not in the caller's library)."""
    async with ctx.services.database.transaction() as session:
        entry, track = await _lock_entry(ctx, session, track_id)
        entry.is_favourite = is_favourite
    await ctx.publish_activity(entry.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return entry, track


async def _lock_entry(ctx: Context, session: AsyncSession, track_id: str) -> tuple[LibraryEntry, Track]:
    caller = ctx.caller
    is_id = ids.is_a(ids.Kind.TRACK, track_id)
    found = await libraries.find_entry(session, track_id, caller.user_id, lock=True) if is_id else None
    if found is None or found[0].organization_id not in caller.roles:
        raise NotFound("Library entry", track_id=track_id)
    return found


async def _is_allowed(ctx: Context, organization_id: str, filters: Filter) -> bool:
    """Return whether the filter names no collection, or one of the caller's."""
    if filters.collection_id is None:
        return True
    collection = await collections.find(ctx, filters.collection_id, organization_id)
    return collection is not None
