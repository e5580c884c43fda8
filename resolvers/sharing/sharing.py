"""Sharing: links that anybody may open, that can be revoked, and that tell the truth when their content is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from core import clock, ids
from core import sharing as tokens
from core.activity import ActivityKind
from core.errors import Forbidden, InvalidInput, NotFound, Problem, RateLimited
from core.sharing import Target
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.library import collections, tracks
from resolvers.library.commands import MAX_MEMBERS
from resolvers.organizations import activity
from resolvers.sharing.commands import MAX_DAYS, Share
from storage.queries import collections as collection_rows
from storage.queries import share_access, share_links
from storage.queries import tracks as track_rows
from storage.queries.share_access import OpenedLink
from storage.tables import AccessOutcome, Collection, LibraryEntry, LibrarySource, ShareLink, Track, TrackFile


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link at the one moment when its token is known."""

    row: ShareLink
    token: str
    url: str


GONE: Final = "This content is no longer available."


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link leads to: a track with its master, or a collection; all None when the content is gone."""

    link: ShareLink
    track: Track | None = None
    master: TrackFile | None = None
    collection: Collection | None = None
    tracks: Sequence[Track] = ()

    @property
    def is_available(self) -> bool:
        """Whether there is anything to see."""
        return self.track is not None or self.collection is not None

    @property
    def message(self) -> str | None:
        """What to tell people when there is nothing to see."""
        return None if self.is_available else GONE


async def share_track(
    ctx: Context, track_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> NewLink:
    """A new link to a track of the caller's making. Raises Unauthenticated, NotAMember, NotFound, InvalidInput."""
    track = await tracks.get(ctx, track_id, organization_id)
    if track.user_id != ctx.caller.user_id:
        tracks.raise_not_found(track_id)
    return await _new(ctx, track.organization_id, fields, track_id=track.id)


async def share_collection(
    ctx: Context, collection_id: str, fields: Mapping[str, object], organization_id: str | None = None
) -> NewLink:
    """A new link to a collection of the caller's. Raises Unauthenticated, NotAMember, NotFound, InvalidInput."""
    collection = await collections.get(ctx, collection_id, organization_id)
    return await _new(ctx, collection.organization_id, fields, collection_id=collection.id)


async def revoke(ctx: Context, share_id: str, organization_id: str | None = None) -> ShareLink:
    """End a link for good; who saved a track keeps it. Raises Unauthenticated, NotAMember, NotFound."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.SHARE_LINK, share_id):
        _refuse_missing_link(share_id)
    async with ctx.services.database.transaction() as session:
        row = await share_links.lock_owned(session, share_id, ctx.caller.user_id, scope) or _refuse_missing_link(
            share_id
        )
        row.revoked_at = row.revoked_at or clock.now()
    await activity.tell(ctx, row.organization_id, ActivityKind.SHARE_LINK, row.id)
    return row


async def resolve(ctx: Context, token: str) -> Shared:
    """As ``find``, and raises NotFound: missing, revoked and expired are one answer."""
    return await find(ctx, token) or _refuse_missing_token(token)


async def find(ctx: Context, token: str) -> Shared | None:
    """What a link leads to, for anybody. Every attempt is written down. Raises RateLimited, Unavailable."""
    per_minute = ctx.services.settings.server.share_resolves_per_minute
    wait = (await ctx.services.limiter.take(f"share:{ctx.client_ip}", per_minute, per_minute)).wait_seconds
    digest, now = tokens.digest(token), clock.now()
    if wait:
        async with ctx.services.database.transaction() as session:
            share_access.record_access(session, now, ctx.client_ip, digest, AccessOutcome.LIMITED, None)
        raise RateLimited(wait)
    opened = await share_access.open_link(ctx.services.database, digest, now, ctx.client_ip)
    return await _shared(ctx, opened) if opened else None


async def save(ctx: Context, token: str) -> tuple[LibraryEntry, bool]:
    """Keep a shared track in the caller's library; whether the entry is new stands beside it.

    Raises Unauthenticated, NotFound, InvalidInput for a collection's link, Forbidden for a caller without organization.
    """
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        link = await share_access.find_open_link(session, tokens.digest(token), clock.now()) or _refuse_missing_token(
            token
        )
        if link.target_type is Target.COLLECTION:
            raise InvalidInput([Problem(("token",), "Must be the link of a track, not of a collection.")])
        track = await track_rows.lock_shared(session, str(link.track_id)) or _refuse_missing_token(token)
        if not caller.roles:
            raise Forbidden("Caller belongs to no organization")
        is_member = track.organization_id in caller.roles
        entry = LibraryEntry(
            id=ids.new(ids.Kind.LIBRARY_ENTRY),
            organization_id=track.organization_id if is_member else next(iter(caller.roles)),
            user_id=caller.user_id,
            track_id=track.id,
            source=LibrarySource.SHARED,
            share_link_id=link.id,
        )
        kept, is_new = await track_rows.save_to_library(session, entry)
    if is_new:
        await activity.tell(ctx, kept.organization_id, ActivityKind.LIBRARY_ENTRY, kept.track_id)
    return kept, is_new


async def _shared(ctx: Context, opened: OpenedLink) -> Shared:
    if opened.collection is None:
        return Shared(opened.link, opened.track, opened.master)
    async with ctx.services.database.transaction() as session:
        members = await collection_rows.list_tracks(session, [opened.collection.id], limit=MAX_MEMBERS)
    return Shared(opened.link, collection=opened.collection, tracks=members[opened.collection.id])


async def _new(
    ctx: Context,
    organization_id: str,
    fields: Mapping[str, object],
    *,
    track_id: str | None = None,
    collection_id: str | None = None,
) -> NewLink:
    command = validation.read(Share, fields)
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
    await activity.tell(ctx, organization_id, ActivityKind.SHARE_LINK, row.id)
    return NewLink(row, token, f"{ctx.services.settings.public_url}/v1/music/shared/{token}")


def _refuse_missing_link(share_id: str) -> NoReturn:
    raise NotFound("Music share link", share_id=share_id)


def _refuse_missing_token(token: str) -> NoReturn:
    raise NotFound("Music share link", token=token)
