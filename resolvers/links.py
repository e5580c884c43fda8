"""Signed links to a track's files: minted at each single fetch, good for a while."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core import clock
from resolvers.context import Context, Services
from storage import tracks
from storage.tables import FileRole, Track, TrackFile

_SUFFIXES: Final[Mapping[str, str]] = {
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/midi": ".mid",
    "application/json": ".json",
}


async def files(ctx: Context, track_ids: Collection[str]) -> dict[str, list[TrackFile]]:
    """The files of tracks that were found readable before, by track."""
    found: dict[str, list[TrackFile]] = {track_id: [] for track_id in track_ids}
    async with ctx.services.database.transaction() as session:
        for file in await tracks.files(session, track_ids):
            found[file.track_id].append(file)
    return found


async def url(ctx: Context, track: Track, file: TrackFile) -> str:
    """A fresh signed link to one file of the track. Raises Unavailable."""
    lifetime = timedelta(seconds=ctx.services.settings.server.playback_seconds)
    return await ctx.services.blobs.url(file.blob_key, file_name(track, file), clock.now() + lifetime)


@dataclass(frozen=True, slots=True)
class Links:
    """What a track object shows."""

    master: str | None
    stems: Mapping[str, str]


async def of_track(ctx: Context, track: Track) -> Links:
    """Fresh links to the master and each stem."""
    of_it = (await files(ctx, [track.id]))[track.id]
    masters = [await url(ctx, track, file) for file in of_it if file.role is FileRole.MASTER]
    stems = {file.name: await url(ctx, track, file) for file in of_it if file.role is FileRole.STEM}
    return Links(masters[0] if masters else None, stems)


async def masters(ctx: Context, tracks: Sequence[Track]) -> dict[str, str]:
    """Fresh links to the masters of several tracks, by track."""
    of_them = await files(ctx, [track.id for track in tracks])
    return {
        track.id: await url(ctx, track, file)
        for track in tracks
        for file in of_them[track.id]
        if file.role is FileRole.MASTER
    }


async def playback_url(ctx: Context, track: Track) -> str | None:
    """A fresh signed link to the master; None for a deleted track."""
    return None if track.deleted_at is not None else (await masters(ctx, [track])).get(track.id)


async def is_within_reach(services: Services, blob_key: str) -> bool:
    """Whether a link to this file may still be answered: its track was not deleted since."""
    async with services.database.transaction() as session:
        return await tracks.is_within_reach(session, blob_key)


def file_name(track: Track, file: TrackFile) -> str:
    """What a browser saves the file as: safe on every system, never empty."""
    title = re.sub(r"[^\w \-]+", "", track.title or "").strip()[:80] or track.id
    part = {FileRole.STEM: f" - {file.name}", FileRole.WAVEFORM: " - waveform"}.get(file.role, "")
    return f"{title}{part}{_SUFFIXES.get(file.media_type, '')}"
