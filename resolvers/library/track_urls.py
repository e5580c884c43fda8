"""Signed URLs of a track's files: new at each request, valid for ``playback_seconds``."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core import clock, ids
from resolvers.access.context import Context, Services
from storage.blobs.signed_urls import UrlSigner
from storage.queries import by_id, exports, share_links, tracks
from storage.tables import FileRole, Track, TrackFile

_SUFFIXES: Final[Mapping[str, str]] = {
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "application/zip": ".zip",
    "audio/midi": ".mid",
    "application/vnd.recordare.musicxml": ".mxl",
    "application/json": ".json",
    "image/svg+xml": ".svg",
    "image/png": ".png",
}
_UNSAFE: Final = re.compile(r"[^\w \-]+")
_MAX_TITLE_LENGTH: Final = 80
_ROLE_LABELS: Final[Mapping[FileRole, str]] = {
    FileRole.WAVEFORM: " - waveform",
    FileRole.COVER: " - cover",
    FileRole.ORIGINAL: " - original",
}


@dataclass(frozen=True, slots=True)
class TrackUrls:
    """URLs of the master and of the stems by name."""

    master: str | None
    stems: Mapping[str, str]


async def find_files(
    ctx: Context, track_ids: Collection[str], role: FileRole | None = None
) -> dict[str, list[TrackFile]]:
    """Return the files of each track, all or those of a role. The caller must be allowed to read the tracks."""
    files: dict[str, list[TrackFile]] = {track_id: [] for track_id in track_ids}
    for file in await by_id.load_files(ctx.services.database, track_ids, role):
        files[file.track_id].append(file)
    return files


async def sign_url(
    ctx: Context, track: Track, file: TrackFile, download_name: str | None = None, *, share_id: str | None = None
) -> str:
    """Sign a URL of one file of the track; browsers save it under ``download_name`` if given. Raises Unavailable.

    The URL works while the track exists. A URL for visitors of a share link names it and works while the link does.
    """
    expires_at = clock.now() + timedelta(seconds=ctx.services.settings.server.playback_seconds)
    if share_id is not None:
        return sign_url_until(ctx, track, file, expires_at, share_id)
    return await ctx.services.blobs.url(
        file.blob_key,
        download_name or file_name(track, file),
        expires_at,
        track.id,
        is_attachment=download_name is not None,
        base_url=ctx.base_url,
    )


def sign_url_until(
    ctx: Context, track: Track, file: TrackFile, expires_at: datetime, share_id: str | None = None
) -> str:
    """Sign a URL with a given expiry, always the same for the same arguments.

    The URL is one of this server, also with a bucket: bucket signatures differ each time, expire earlier, and cannot be
    revoked.
    """
    signer = UrlSigner(ctx.link(""), *ctx.services.signing_keys)
    return signer.url(file.blob_key, file_name(track, file), expires_at, share_id or track.id)


async def sign_master_and_stems(ctx: Context, track: Track, files: Sequence[TrackFile]) -> TrackUrls:
    """Sign URLs of the master and the stems among the track's files. Raises Unavailable."""
    masters = [await sign_url(ctx, track, file) for file in files if file.role is FileRole.MASTER]
    stems = {file.name: await sign_url(ctx, track, file) for file in files if file.role is FileRole.STEM}
    return TrackUrls(masters[0] if masters else None, stems)


async def sign_masters(ctx: Context, tracks: Sequence[Track], share_id: str | None = None) -> dict[str, str]:
    """Sign URLs of the masters of several tracks, by track id; ``share_id`` as in ``sign_url``."""
    return await _sign_each(ctx, tracks, FileRole.MASTER, "", share_id)


async def sign_covers(ctx: Context, tracks: Sequence[Track], share_id: str | None = None) -> dict[str, str]:
    """Sign URLs of the SVG covers of several tracks, by track id; tracks without a cover are left out."""
    return await _sign_each(ctx, tracks, FileRole.COVER, "svg", share_id)


async def sign_playback_url(ctx: Context, track: Track) -> str | None:
    """Sign a URL of the master; return None for a deleted track."""
    return None if track.deleted_at is not None else (await sign_masters(ctx, [track])).get(track.id)


async def is_downloadable(services: Services, blob_key: str, scope_id: str) -> bool:
    """Return whether the object of a signed URL still gives access to this file.

    The object is a track, a share link, or an organization, which gives access to its tracks and exports.
    """
    match ids.kind_of(scope_id):
        case ids.Kind.TRACK:
            return await tracks.is_file_of(services.database, blob_key, scope_id)
        case ids.Kind.SHARE_LINK:
            return await share_links.is_downloadable(services.database, blob_key, scope_id)
        case _:
            return await _is_downloadable_in_organization(services, blob_key, scope_id)


async def _is_downloadable_in_organization(services: Services, blob_key: str, organization_id: str) -> bool:
    if await tracks.is_downloadable(services.database, blob_key, organization_id):
        return True
    if not blob_key.endswith(".zip"):
        return False
    async with services.database.transaction() as session:
        return await exports.is_downloadable(session, blob_key, organization_id)


def file_name(track: Track, file: TrackFile) -> str:
    """Return the name to save a file under: safe on every system, never empty."""
    label = f" - {file.name}" if file.role is FileRole.STEM else _ROLE_LABELS.get(file.role, "")
    return title_file_name(track, label, file.media_type)


def title_file_name(track: Track, label: str, media_type: str) -> str:
    """Return a file name of the track's title (or id), a label as " - stems", and the suffix of the media type."""
    title = _UNSAFE.sub("", track.title or "").strip()[:_MAX_TITLE_LENGTH] or track.id
    return f"{title}{label}{_SUFFIXES.get(media_type, '')}"


async def _sign_each(
    ctx: Context, tracks: Sequence[Track], role: FileRole, name: str, share_id: str | None
) -> dict[str, str]:
    files = await find_files(ctx, [track.id for track in tracks], role)
    return {
        track.id: await sign_url(ctx, track, file, share_id=share_id)
        for track in tracks
        for file in files[track.id]
        if file.name == name
    }
