"""Public files of share links: their stable addresses, and what the page of a link shows besides the link's content."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from core import clock, ids
from core import sharing as tokens
from core.errors import NotFound, RateLimited, Unavailable
from resolvers.access import rate_limits
from resolvers.access.context import Context
from resolvers.library import track_urls, waveforms
from resolvers.sharing import sharing
from resolvers.sharing.sharing import Shared, link_url
from storage.queries import by_id, share_links
from storage.tables import FileRole, Track

MAX_PAGE_TRACKS: Final = 100
"""The tracks of a collection that its page shows."""

AUDIO: Final = (FileRole.MASTER, "")
COVER: Final = (FileRole.COVER, "png")
"""Role and name of the files with stable addresses."""

_WAVEFORM_POINTS: Final = 160


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page shows besides the content of its link.

    ``tracks`` are the first of the ``track_count`` tracks. ``maker`` is the name of the organization, as in the tags of
    the files. ``covers`` are signed URLs of SVG images by track id; ``has_png`` is whether the first track has a PNG
    cover. ``peaks`` is the waveform of a shared track.
    """

    url: str
    tracks: Sequence[Track] = ()
    track_count: int = 0
    maker: str = ""
    covers: Mapping[str, str] = field(default_factory=dict)
    has_png: bool = False
    peaks: Sequence[float] = ()


async def sign_file_url(ctx: Context, token: str, file: tuple[FileRole, str], track_id: str | None = None) -> str:
    """Sign a URL of a file of the link's track, or of a collection's track: of this one, else of the first.

    The URL is one of this server, since those of a bucket do not allow HEAD. Raises NotFound if the link does not work
    or the file does not exist, RateLimited by the client's address.
    """
    limit = await rate_limits.take(ctx)
    if limit.wait_seconds:
        raise RateLimited(limit.wait_seconds)
    now, found = clock.now(), None
    if track_id is None or ids.is_a(ids.Kind.TRACK, track_id):
        async with ctx.services.database.transaction() as session:
            found = await share_links.find_file(session, tokens.digest(token), now, *file, track_id)
    if found is None:
        raise NotFound("Music share link", token=token)
    expires_at = now + timedelta(seconds=ctx.services.settings.server.playback_seconds)
    track, row, share_id = found
    return track_urls.sign_url_until(ctx, track, row, expires_at, share_id)


async def load_page(ctx: Context, token: str, shared: Shared) -> PageContent:
    """Load the content of the page of a link. What the storage cannot deliver is left out."""
    tracks = [track for track, _ in await sharing.list_tracks(ctx, shared, MAX_PAGE_TRACKS)]
    if not tracks:
        return PageContent(link_url(ctx, token))
    first = tracks[0]
    files = (await track_urls.find_files(ctx, [first.id]))[first.id]
    maker = (await load_makers(ctx, [first.organization_id])).get(first.organization_id, "")
    try:
        covers = await track_urls.sign_covers(ctx, tracks, shared.link.id)
        waveform = next((file for file in files if file.role is FileRole.WAVEFORM), None)
        is_drawn = shared.track is not None and waveform is not None
        peaks = await waveforms.load_peaks(ctx, waveform, _WAVEFORM_POINTS) if is_drawn and waveform else None
    except Unavailable:
        covers, peaks = {}, None
    has_png = any((file.role, file.name) == COVER for file in files)
    count = await sharing.count_tracks(ctx, shared)
    return PageContent(link_url(ctx, token), tracks, count, maker, covers, has_png, peaks or ())


async def load_makers(ctx: Context, organization_ids: Collection[str]) -> dict[str, str]:
    """Return the names of organizations, as visitors of their tracks see them."""
    rows = await by_id.load_organizations(ctx.services.database, organization_ids)
    return {row.id: row.name for row in rows}
