"""Signed links to a track's files: minted at each single fetch, good for a while."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core import clock
from resolvers.access.context import Context, Services
from storage.blobs import signed_urls as blob_links
from storage.queries import by_id, exports, tracks
from storage.tables import FileRole, Track, TrackFile

_SUFFIXES: Final[Mapping[str, str]] = {
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "application/zip": ".zip",
    "audio/midi": ".mid",
    "application/json": ".json",
    "image/svg+xml": ".svg",
    "image/png": ".png",
}

_UNSAFE: Final = re.compile(r"[^\w \-]+")
_PARTS: Final[Mapping[FileRole, str]] = {FileRole.WAVEFORM: " - waveform", FileRole.COVER: " - cover"}


async def files(ctx: Context, track_ids: Collection[str]) -> dict[str, list[TrackFile]]:
    """The files of tracks that were found readable before, by track."""
    found: dict[str, list[TrackFile]] = {track_id: [] for track_id in track_ids}
    for file in await by_id.load_files(ctx.services.database, track_ids):
        found[file.track_id].append(file)
    return found


async def url(ctx: Context, track: Track, file: TrackFile) -> str:
    """A fresh signed link to one file of the track. Raises Unavailable."""
    lifetime = timedelta(seconds=ctx.services.settings.server.playback_seconds)
    name, expires_at = file_name(track, file), clock.now() + lifetime
    return await ctx.services.blobs.url(file.blob_key, name, expires_at, track.organization_id)


async def download_url(ctx: Context, track: Track, file: TrackFile, name: str) -> str:
    """A fresh signed link under which browsers save a file by this name. Raises Unavailable."""
    expires_at = clock.now() + timedelta(seconds=ctx.services.settings.server.playback_seconds)
    return await ctx.services.blobs.url(file.blob_key, name, expires_at, track.organization_id, is_attachment=True)


def url_until(services: Services, track: Track, file: TrackFile, expires_at: datetime) -> str:
    """A signed link that ends at this moment, however late, and is the same at each asking.

    Our own server answers it: what a bucket signs differs each time, and does not live that long.
    """
    own = blob_links.UrlSigner(services.settings.public_url, services.signing_key)
    return own.url(file.blob_key, file_name(track, file), expires_at, track.organization_id)


@dataclass(frozen=True, slots=True)
class Links:
    """What a track object shows."""

    master: str | None
    stems: Mapping[str, str]


async def of_track(ctx: Context, track: Track) -> Links:
    """Fresh links to the master and each stem."""
    return await of_files(ctx, track, (await files(ctx, [track.id]))[track.id])


async def of_files(ctx: Context, track: Track, of_it: Sequence[TrackFile]) -> Links:
    """Fresh links to the master and each stem among all files of the track."""
    masters = [await url(ctx, track, file) for file in of_it if file.role is FileRole.MASTER]
    stems = {file.name: await url(ctx, track, file) for file in of_it if file.role is FileRole.STEM}
    return Links(masters[0] if masters else None, stems)


async def masters(ctx: Context, tracks: Sequence[Track]) -> dict[str, str]:
    """Fresh links to the masters of several tracks, by track."""
    return await _of_each(ctx, tracks, FileRole.MASTER, "")


async def covers(ctx: Context, tracks: Sequence[Track]) -> dict[str, str]:
    """Fresh links to the scalable covers of those of several tracks that have one, by track."""
    return await _of_each(ctx, tracks, FileRole.COVER, "svg")


async def playback_url(ctx: Context, track: Track) -> str | None:
    """A fresh signed link to the master; None for a deleted track."""
    return None if track.deleted_at is not None else (await masters(ctx, [track])).get(track.id)


async def is_within_reach(services: Services, blob_key: str, organization_id: str) -> bool:
    """Whether a link to this file may still be answered: the organization's track was not deleted since.

    An archive may be until it expires.
    """
    if await tracks.is_downloadable(services.database, blob_key, organization_id):
        return True
    if not blob_key.endswith(".zip"):
        return False
    async with services.database.transaction() as session:
        return await exports.is_downloadable(session, blob_key, organization_id)


async def _of_each(ctx: Context, tracks: Sequence[Track], role: FileRole, name: str) -> dict[str, str]:
    of_them = await files(ctx, [track.id for track in tracks])
    return {
        track.id: await url(ctx, track, file)
        for track in tracks
        for file in of_them[track.id]
        if (file.role, file.name) == (role, name)
    }


def file_name(track: Track, file: TrackFile) -> str:
    """What a browser saves the file as: safe on every system, never empty."""
    part = f" - {file.name}" if file.role is FileRole.STEM else _PARTS.get(file.role, "")
    return named(track, part, file.media_type)


def named(track: Track, part: str, media_type: str) -> str:
    """A file name of the track's title, for what is perhaps only a part of it."""
    title = _UNSAFE.sub("", track.title or "").strip()[:80] or track.id
    return f"{title}{part}{_SUFFIXES.get(media_type, '')}"
