"""Libraries: what a caller keeps, found again by words, tags and order."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import ids
from core.activity import ActivityKind
from core.errors import NotFound
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library.commands import FilterLibrary, TagTrack
from resolvers.organizations import activity
from storage.queries import collections, libraries, library_pages
from storage.queries.libraries import NEWEST_FIRST, Filter, Order, SavedTrack, SortKey
from storage.queries.library_pages import PUBLIC_COLUMNS, Columns
from storage.tables import LibraryEntry, Track

Kept = tuple[LibraryEntry, Track]


def narrow(fields: Mapping[str, object]) -> Filter:
    """What to see of a library. Raises InvalidInput."""
    if all(value is None for value in fields.values()):
        return Filter()
    return Filter(**asdict(validation.read(FilterLibrary, fields)))


async def page(
    ctx: Context,
    organization_id: str,
    only: Filter,
    order: Order = NEWEST_FIRST,
    *,
    limit: int,
    after: tuple[SortKey, str] | None = None,
    columns: Columns = PUBLIC_COLUMNS,
) -> Sequence[SavedTrack]:
    """What the caller has saved, newest save first unless told otherwise; nothing for a collection of somebody else's.

    Entries and tracks have at least these columns. Raises NotAMember.
    """
    caller = ctx.member(organization_id)
    if not await may_narrow(ctx, organization_id, only.collection_id):
        return []
    if library_pages.is_supported(only):
        return await library_pages.load(
            ctx.services.database,
            organization_id,
            caller.user_id,
            only,
            order,
            limit=limit,
            after=after,
            columns=columns,
        )
    async with ctx.services.database.transaction() as session:
        return await libraries.page(session, organization_id, caller.user_id, only, order, limit=limit, after=after)


async def page_json(
    ctx: Context, organization_id: str, only: Filter, names: tuple[str, ...], *, limit: int, offset: int
) -> str:
    """Return the tracks of a page, newest save first, as comma-separated JSON objects with the fields ``names``.

    Raises NotAMember.
    """
    caller = ctx.member(organization_id)
    if not await may_narrow(ctx, organization_id, only.collection_id):
        return ""
    return await library_pages.load_json(
        ctx.services.database, organization_id, caller.user_id, only, names, limit=limit, offset=offset
    )


async def count(ctx: Context, organization_id: str, only: Filter) -> int:
    """How many entries ``page`` has in all. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        if not await _may_narrow(session, organization_id, caller.user_id, only.collection_id):
            return 0
        return await libraries.count(session, organization_id, caller.user_id, only)


async def may_narrow(ctx: Context, organization_id: str, collection_id: str | None) -> bool:
    """Whether a library may be narrowed to this collection: it is the caller's, or there is none. Raises NotAMember."""
    caller = ctx.member(organization_id)
    if collection_id is None:
        return True
    async with ctx.services.database.transaction() as session:
        return await _may_narrow(session, organization_id, caller.user_id, collection_id)


async def find(ctx: Context, track_id: str) -> Kept | None:
    """The caller's entry of a track. Raises Unauthenticated."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        found = await libraries.find_entry(session, track_id, caller.user_id)
    return found if found and found[0].organization_id in caller.roles else None


async def tag(ctx: Context, track_id: str, fields: Mapping[str, object]) -> Kept:
    """Set the tags of a saved track, instead of those it had; a tag twice counts once.

    Raises Unauthenticated, NotFound for a track that is not in the caller's library, InvalidInput.
    """
    async with ctx.services.database.transaction() as session:
        entry, track = await _held(ctx, session, track_id)
        entry.tags = list(dict.fromkeys(validation.read(TagTrack, fields).tags))
    await activity.tell(ctx, entry.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return entry, track


async def favour(ctx: Context, track_id: str, *, is_favourite: bool) -> Kept:
    """Make a saved track a favourite, or one no more.

    Raises Unauthenticated, NotFound for a track that is not in the caller's library.
    """
    async with ctx.services.database.transaction() as session:
        entry, track = await _held(ctx, session, track_id)
        entry.is_favourite = is_favourite
    await activity.tell(ctx, entry.organization_id, ActivityKind.LIBRARY_ENTRY, track.id)
    return entry, track


async def _held(ctx: Context, session: AsyncSession, track_id: str) -> Kept:
    """The caller's entry, changed by nobody else before the transaction ends."""
    caller = ctx.caller
    if not ids.is_a(ids.Kind.TRACK, track_id):
        _refuse_missing(track_id)
    found = await libraries.find_entry(session, track_id, caller.user_id, lock=True)
    if found is None or found[0].organization_id not in caller.roles:
        _refuse_missing(track_id)
    return found


def _refuse_missing(track_id: str) -> NoReturn:
    """The one answer for a track that is missing, somebody else's, or not saved."""
    raise NotFound("Library entry", track_id=track_id)


async def _may_narrow(session: AsyncSession, organization_id: str, user_id: str, collection_id: str | None) -> bool:
    """Whether a library may be narrowed to this collection: it is the caller's, or there is none."""
    if collection_id is None:
        return True
    is_id = ids.is_a(ids.Kind.COLLECTION, collection_id)
    return is_id and bool(await collections.list_owned(session, [collection_id], user_id, [organization_id]))
