"""A focus session as one stream: a signed link for any player, and the chunks that are there to play."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core import clock, ids
from core.errors import Forbidden
from resolvers.access.context import Services
from resolvers.focus import scheduling, sessions, snapshots
from resolvers.library import track_urls
from storage.queries import focus, tracks
from storage.tables import FileRole, FocusSession, Track, TrackFile

FRAME_SECONDS: Final = 1152 / 44_100
"""How long an MPEG frame of a stream sounds."""

CHUNK_FRAMES: Final = 574
"""How many frames a chunk has at most: 15 seconds, so that a player that comes back for more does so in time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream. ``url`` is None for music that was deleted since."""

    url: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Stream:
    """What there is to play, and whether that is all."""

    chunks: Sequence[Chunk]
    is_complete: bool


def sign_url(services: Services, row: FocusSession) -> str:
    """A fresh signed link to the session's stream."""
    expires = int(clock.now().timestamp()) + services.settings.focus.stream_seconds
    path = f"/v1/music/{row.organization_id}/focus/sessions/{row.id}/stream.m3u8"
    return f"{services.settings.public_url}{path}?expires={expires}&signature={_signature(services, row.id, expires)}"


async def poll(services: Services, organization_id: str, session_id: str, expires: str, signature: str) -> Stream:
    """The stream for whoever has the link, and who listens to the session by asking. Raises Forbidden, NotFound."""
    until = _checked(services, session_id, expires, signature)
    async with services.database.transaction() as session:
        row = await focus.lock(session, session_id) if ids.is_a(ids.Kind.FOCUS_SESSION, session_id) else None
        if row is None or row.organization_id != organization_id:
            sessions.raise_not_found(session_id)
        before = row.sequence
        job = await scheduling.keep_alive(session, services, row, clock.now())
        [view] = await snapshots.load(session, services.settings, [row])
        files = await tracks.list_files(session, [segment.track.id for segment in view.rendered])
    await sessions.publish_changes(services, row, before, job)
    pieces: dict[str, list[TrackFile]] = defaultdict(list)
    for file in files:
        if file.role is FileRole.STREAM:
            pieces[file.track_id].append(file)
    chunks = [
        _chunk(services, segment.track, file, until) for segment in view.rendered for file in pieces[segment.track.id]
    ]
    return Stream(chunks, is_complete=not view.is_active)


def _chunk(services: Services, track: Track, file: TrackFile, until: datetime) -> Chunk:
    """One piece. Its link is the same at each fetch: a playlist only grows."""
    address = None if track.deleted_at is not None else track_urls.sign_url_until(services, track, file, until)
    return Chunk(address, (file.frames or 0) * FRAME_SECONDS)


def _checked(services: Services, session_id: str, expires: str, signature: str) -> datetime:
    """When a link ends that was signed here for exactly this session. Raises Forbidden."""
    is_number = expires.isascii() and expires.isdigit() and len(expires) < len("100000000000")
    until = int(expires) if is_number else 0
    expected = _signature(services, session_id, until)
    if (
        not hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
        or clock.now().timestamp() >= until
    ):
        raise Forbidden("Link is not valid or has expired")
    return datetime.fromtimestamp(until, UTC)


def _signature(services: Services, session_id: str, expires: int) -> str:
    message = f"STREAM\n{session_id}\n{expires}".encode(errors="replace")
    return hmac.new(services.signing_key, message, hashlib.sha256).hexdigest()
