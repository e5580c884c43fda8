"""Share links: create, revoke and resolve them, and save a shared track."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, NoReturn

from pydantic import Field, StrictInt
from pydantic.dataclasses import dataclass as pydantic_dataclass

from core import clock, ids
from core import sharing as tokens
from core.activity import ActivityKind
from core.errors import Forbidden, InvalidInput, NotFound, Problem, RateLimited
from core.sharing import Target, Visibility
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import collections, tracks
from resolvers.library.commands import MAX_MEMBERS
from resolvers.sharing.share_links import LINKS
from storage.queries import collections as collection_rows
from storage.queries import share_links
from storage.queries import tracks as track_rows
from storage.redis.rate_limits import RateLimitResult
from storage.tables import Collection, LibraryEntry, LibrarySource, ShareLink, Track, TrackFile

CONTENT_REMOVED: Final = "This content is no longer available."

TRACKS_PER_TOKEN: Final = 500
"""A view of a collection costs one token of the rate limit of share links, and one more for each this many tracks."""

MAX_DAYS: Final = 90
"""A longer lifetime is reduced to this."""


@pydantic_dataclass(frozen=True, slots=True, config=validation.CONFIG)
class ShareRequest:
    """A new share link; without ``expires_in_days`` it works until it is revoked."""

    visibility: Visibility = Visibility.LINK_ONLY
    """Who can find the link: its recipients only, or also search engines. The server lists neither."""
    expires_in_days: Annotated[StrictInt, Field(ge=1), validation.WHOLE] | None = None
    """Lifetime in days; values above 90 count as 90. By default, the link works until it is revoked."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A new link with its token, which is not stored."""

    row: ShareLink
    token: str
    url: str


@dataclass(frozen=True, slots=True)
class Shared:
    """The content of a link: a track with its master file, or a collection; neither if removed."""

    link: ShareLink
    track: Track | None = None
    master: TrackFile | None = None
    collection: Collection | None = None

    @property
    def is_available(self) -> bool:
        """Whether the content still exists."""
        return self.track is not None or self.collection is not None

    @property
    def message(self) -> str | None:
        """The text to show people when the content is removed."""
        return None if self.is_available else CONTENT_REMOVED


async def share_track(
    ctx: Context, track_id: str, request: Unvalidated[ShareRequest], organization_id: str | None = None
) -> NewLink:
    """Create a link to a track that the caller created. Raises NotFound, InvalidInput."""
    track = await tracks.get(ctx, track_id, organization_id)
    if track.user_id != ctx.caller.user_id:
        tracks.raise_not_found(track_id)
    ctx.services.policy.require({"title": track.title})
    return await _create(ctx, track.organization_id, request, track_id=track.id)


async def share_collection(
    ctx: Context, collection_id: str, request: Unvalidated[ShareRequest], organization_id: str | None = None
) -> NewLink:
    """Create a link to a collection of the caller. Raises NotFound, InvalidInput."""
    collection = await collections.get(ctx, collection_id, organization_id)
    ctx.services.policy.require({"name": collection.name, "description": collection.description})
    return await _create(ctx, collection.organization_id, request, collection_id=collection.id)


async def revoke(ctx: Context, share_id: str, organization_id: str | None = None) -> ShareLink:
    """Revoke a link permanently; tracks that were saved from it stay saved. Raises NotFound.

    Admins may revoke the links of all members of their organizations.
    """
    scope, user_id = ctx.scope(organization_id), ctx.caller.user_id
    if not ids.is_a(ids.Kind.SHARE_LINK, share_id):
        LINKS.raise_not_found(share_id)
    async with ctx.services.database.transaction() as session:
        row = await share_links.lock_revocable(session, share_id, user_id, scope, ctx.administered)
        if row is None:
            LINKS.raise_not_found(share_id)
        row.revoked_at = row.revoked_at or clock.now()
    await ctx.publish_activity(row.organization_id, ActivityKind.SHARE_LINK, row.id, row.user_id)
    return row


async def resolve(ctx: Context, token: str) -> Shared:
    """Return the content of a link, for anyone, and write the attempt to the audit log, unless a limit rejects it.

    Raises RateLimited, Unavailable, NotFound: missing, revoked and expired links get the same response.
    """
    return await resolve_or_none(ctx, token) or _raise_not_found(token)


async def resolve_or_none(ctx: Context, token: str) -> Shared | None:
    """As ``resolve``, but return None instead of raising NotFound."""
    limit = await _take(ctx, 1)
    digest, now = tokens.digest(token), clock.now()
    if limit.wait_seconds:
        # not recorded: a flood of requests must not fill the audit log
        raise RateLimited(limit.wait_seconds)
    opened = await share_links.open_link(ctx.services.database, digest, now, ctx.client_ip)
    return Shared(opened.link, opened.track, opened.master, opened.collection) if opened else None


async def list_tracks(
    ctx: Context, shared: Shared, count: int = MAX_MEMBERS
) -> Sequence[tuple[Track, TrackFile | None]]:
    """Return the content's tracks with their master files, of a collection the first ``count``.

    Each TRACKS_PER_TOKEN of them cost a token like that of opening a link. Raises RateLimited, Unavailable.
    """
    if shared.collection is None:
        return [(shared.track, shared.master)] if shared.track else []
    rows = await collection_rows.list_shared_tracks(ctx.services.database, shared.collection.id, count)
    # the link has cost one token; a full bucket admits a collection of any size
    tokens_left = ctx.services.settings.server.share_resolves_per_minute - 1
    if more := min(len(rows) // TRACKS_PER_TOKEN, tokens_left):
        limit = await _take(ctx, more)
        if limit.wait_seconds:
            raise RateLimited(limit.wait_seconds)
    return rows


async def count_tracks(ctx: Context, shared: Shared) -> int:
    """Return the number of tracks of the content."""
    if shared.collection is None:
        return int(shared.track is not None)
    async with ctx.services.database.transaction() as session:
        return (await collection_rows.count_members(session, [shared.collection.id])).get(shared.collection.id, 0)


async def _take(ctx: Context, count: int) -> RateLimitResult:
    per_minute = ctx.services.settings.server.share_resolves_per_minute
    return await ctx.services.limiter.take(f"share:{ctx.client_ip}", per_minute, per_minute, count)


async def save(ctx: Context, token: str, track_id: str | None = None) -> tuple[LibraryEntry, bool]:
    """Save a shared track to the caller's library; the flag is false for an entry that was there before.

    ``track_id`` selects a track of a shared collection. Raises NotFound, InvalidInput (the link is of a collection, and
    no track is selected), Forbidden (the caller has no organization).
    """
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        link = await share_links.find_open_link(session, tokens.digest(token), clock.now()) or _raise_not_found(token)
        if track_id is None and link.target_type is Target.COLLECTION:
            raise InvalidInput([Problem(("token",), "Must be the link of a track, not of a collection.")])
        shared_id = str(link.track_id) if track_id is None else track_id
        if not ids.is_a(ids.Kind.TRACK, shared_id):
            _raise_not_found(token)
        # locked before, so that the track cannot be deleted
        track = await track_rows.lock_shared(session, shared_id) or _raise_not_found(token)
        if not await share_links.has_track(session, link, track.id):
            _raise_not_found(token)
        if not caller.roles:
            raise Forbidden("Caller belongs to no organization")
        is_member = track.organization_id in caller.roles
        new = LibraryEntry(
            id=ids.new(ids.Kind.LIBRARY_ENTRY),
            organization_id=track.organization_id if is_member else next(iter(caller.roles)),
            user_id=caller.user_id,
            track_id=track.id,
            source=LibrarySource.SHARED,
            share_link_id=link.id,
        )
        entry, is_new = await track_rows.save_to_library(session, new)
    if is_new:
        await ctx.publish_activity(entry.organization_id, ActivityKind.LIBRARY_ENTRY, entry.track_id)
    return entry, is_new


async def _create(
    ctx: Context,
    organization_id: str,
    request: Unvalidated[ShareRequest],
    *,
    track_id: str | None = None,
    collection_id: str | None = None,
) -> NewLink:
    command = request.validate()
    token, now = tokens.new_token(), clock.now()
    days = command.expires_in_days
    row = ShareLink(
        id=ids.new(ids.Kind.SHARE_LINK),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        target_type=Target.TRACK if track_id else Target.COLLECTION,
        track_id=track_id,
        collection_id=collection_id,
        visibility=command.visibility,
        token_digest=tokens.digest(token),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=min(days, MAX_DAYS)),
    )
    async with ctx.services.database.transaction() as session:
        session.add(row)
    await ctx.publish_activity(organization_id, ActivityKind.SHARE_LINK, row.id)
    return NewLink(row, token, link_url(ctx, token))


def link_url(ctx: Context, token: str) -> str:
    """Return the public URL of a link."""
    return ctx.link(f"/v1/music/shared/{token}")


def _raise_not_found(token: str) -> NoReturn:
    raise NotFound("Music share link", token=token)
