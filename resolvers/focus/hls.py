"""HLS streams of focus sessions: signed playlist URLs, and the chunks of a playlist."""

import asyncio
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from core import clock, ids
from core.errors import Forbidden, Unavailable
from resolvers.access.context import Context, Services
from resolvers.focus import scheduling, sessions, snapshots
from resolvers.library import track_urls
from storage.queries import focus, tracks
from storage.tables import FileRole, FocusSession, Track, TrackFile

FRAME_SECONDS: Final = 1152 / 44_100
"""Duration of an MPEG-1 Layer III frame: 1152 samples at 44.1 kHz."""

CHUNK_FRAMES: Final = 574
"""The most frames of a chunk: 15 seconds, so that players reload the playlist in time."""


_POLL_SECONDS: Final = 2.0
_RETRY_AFTER_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of a stream; ``url`` is None if its track was deleted."""

    url: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Stream:
    """The chunks of a session that are ready, and whether no more will follow."""

    chunks: Sequence[Chunk]
    is_complete: bool

    @property
    def can_be_opened(self) -> bool:
        """Whether there is a chunk, or none will follow."""
        return bool(self.chunks) or self.is_complete


def sign_url(ctx: Context, row: FocusSession) -> str:
    """Return a new signed URL of the session's playlist."""
    expires = int(clock.now().timestamp()) + ctx.services.settings.focus.stream_seconds
    path = f"/v1/music/{row.organization_id}/focus/sessions/{row.id}/stream.m3u8"
    return ctx.link(f"{path}?expires={expires}&signature={_signatures(ctx.services, row.id, expires)[0]}")


async def open_stream(ctx: Context, organization_id: str, session_id: str, expires: str, signature: str) -> Stream:
    """Return the stream of a signed URL, which has chunks unless the session ended before the first one.

    Players do not open a stream without chunks, so wait for the first one. Raises Forbidden (the signature is invalid
    or expired), NotFound, Unavailable (no chunk is ready in time).
    """
    services = ctx.services
    expires_at = _verify(services, session_id, expires, signature)
    poll = partial(_poll, ctx, organization_id, session_id, expires_at)
    stream = await poll()
    if stream.can_be_opened:
        return stream
    loop = asyncio.get_running_loop()
    deadline = loop.time() + services.settings.focus.stream_wait_seconds
    async with services.feed.subscribe(session_id) as subscription:
        while not (stream := await poll()).can_be_opened:
            seconds_left = deadline - loop.time()
            if seconds_left <= 0:
                raise Unavailable("First segment of the stream is not ready", _RETRY_AFTER_SECONDS)
            # without Redis there are no events
            await subscription.next(min(seconds_left, _POLL_SECONDS))
    return stream


async def _poll(ctx: Context, organization_id: str, session_id: str, expires_at: datetime) -> Stream:
    """Return the present stream, keep the session alive and schedule its next segment if it is due. Raises NotFound."""
    services = ctx.services
    async with services.database.transaction() as session:
        row = await focus.lock(session, session_id) if ids.is_a(ids.Kind.FOCUS_SESSION, session_id) else None
        if row is None or row.organization_id != organization_id:
            sessions.raise_not_found(session_id)
        previous_sequence = row.sequence
        job = await scheduling.keep_alive(session, services, row, clock.now())
        snapshot = await snapshots.load_one(session, services.settings, row)
        files = await tracks.list_files(session, [segment.track.id for segment in snapshot.rendered])
    await sessions.publish_changes(services, row, previous_sequence, job)
    chunk_files: dict[str, list[TrackFile]] = defaultdict(list)
    for file in files:
        if file.role is FileRole.STREAM:
            chunk_files[file.track_id].append(file)
    chunks = [
        _chunk(ctx, segment.track, file, expires_at)
        for segment in snapshot.rendered
        for file in chunk_files[segment.track.id]
    ]
    return Stream(chunks, is_complete=not snapshot.is_active)


def _chunk(ctx: Context, track: Track, file: TrackFile, expires_at: datetime) -> Chunk:
    # the URL is the same in each version of the playlist, because players expect that it only grows
    url = None if track.deleted_at is not None else track_urls.sign_url_until(ctx, track, file, expires_at)
    return Chunk(url, (file.frames or 0) * FRAME_SECONDS)


def _verify(services: Services, session_id: str, expires: str, signature: str) -> datetime:
    """Return the expiry of a URL that was signed for this session. Raises Forbidden."""
    is_number = expires.isascii() and expires.isdigit() and len(expires) < len("100000000000")
    until = int(expires) if is_number else 0
    given = signature.encode(errors="replace")
    is_signed = any(hmac.compare_digest(each.encode(), given) for each in _signatures(services, session_id, until))
    if not is_signed or clock.now().timestamp() >= until:
        raise Forbidden("Link is not valid or has expired")
    return datetime.fromtimestamp(until, UTC)


def _signatures(services: Services, session_id: str, expires: int) -> list[str]:
    """Return the signature by each key."""
    message = f"STREAM\n{session_id}\n{expires}".encode(errors="replace")
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in services.signing_keys]
