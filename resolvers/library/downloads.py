"""Downloads: a track's files in the formats that people ask for. A rare one is made by a worker, once, and kept.

A download tells the title that the track has. What was made under another title is made anew when it is asked for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core import clock
from core.errors import NotFound, Unavailable
from core.formats import CONVERTIBLE, Format
from engines.registry import EngineRegistry
from resolvers.access.context import Context
from resolvers.library import track_urls, tracks
from storage.queries import conversions
from storage.queries import tracks as track_rows
from storage.tables import Conversion, ConversionStatus, FileRole, Track, TrackFile

AGAIN_SECONDS: Final = 2
"""When whoever waits for a file may ask again."""

_REST: Final = timedelta(minutes=5)
"""What could not be made is not tried again sooner."""

_FULL_SECONDS: Final = 30

_MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.MP3: "audio/mpeg",
    Format.FLAC: "audio/flac",
    Format.WAV: "audio/wav",
    Format.STEMS: "application/zip",
}

_KEPT: Final[Mapping[Format, tuple[FileRole, str]]] = {
    Format.MIDI: (FileRole.SCORE, ""),
    Format.WAVEFORM: (FileRole.WAVEFORM, ""),
    Format.COVER: (FileRole.COVER, "png"),
}
"""Formats in which nothing is said, so that they are as they were made."""


@dataclass(frozen=True, slots=True)
class Download:
    """One format of a track; ``part`` is a stem's name, else empty. Without a file it has yet to be made."""

    track: Track
    format: Format
    media_type: str
    part: str = ""
    file: TrackFile | None = None

    @property
    def file_name(self) -> str:
        """What a browser saves it as."""
        part = " - stems" if self.format is Format.STEMS else f" - {self.part}" if self.part else ""
        if self.format in _KEPT and self.file is not None:
            return track_urls.file_name(self.track, self.file)
        return track_urls.named(self.track, part, self.media_type)

    async def url(self, ctx: Context) -> str | None:
        """A fresh signed link under which browsers save the file; None until it is made. Raises Unavailable."""
        return await track_urls.download_url(ctx, self.track, self.file, self.file_name) if self.file else None


def of(
    track: Track, files: Sequence[TrackFile], asked: Sequence[Conversion], engines: EngineRegistry
) -> list[Download]:
    """All that can be had of a track, in the order of the formats; nothing of a deleted one."""
    if track.deleted_at is not None:
        return []
    shelf = _Shelf(track, {(file.role, file.name): file for file in files}, {row.format: row for row in asked})
    return [*shelf.converted(engines), *shelf.stems(), *shelf.kept()]


async def of_track(ctx: Context, track: Track) -> list[Download]:
    """See ``of``."""
    async with ctx.services.database.transaction() as session:
        files = await track_rows.list_files(session, [track.id])
        asked = await conversions.list_by_tracks(session, [track.id])
    return of(track, files, asked, ctx.services.engines)


async def asked_for(ctx: Context, track_ids: Collection[str]) -> dict[str, list[Conversion]]:
    """What was asked for of tracks that were found readable before, by track."""
    found: dict[str, list[Conversion]] = {track_id: [] for track_id in track_ids}
    async with ctx.services.database.transaction() as session:
        for row in await conversions.list_by_tracks(session, track_ids):
            found[row.track_id].append(row)
    return found


async def prepare(
    ctx: Context, track_id: str, wanted: Format, part: str | None = None, organization_id: str | None = None
) -> Download:
    """See to it that a format is there or will be. ``part`` names the stem, for that format only.

    Raises Unauthenticated, NotAMember, NotFound for a track or for what cannot be had of it, Unavailable.
    """
    track = await tracks.get(ctx, track_id, organization_id)
    matching = [one for one in await of_track(ctx, track) if (one.format, one.part) == (wanted, part or "")]
    if not matching:
        raise NotFound("File of the music track", track_id=track_id)
    if matching[0].file is None:
        await _ask(ctx, track, wanted)
    return matching[0]


async def _ask(ctx: Context, track: Track, wanted: Format) -> None:
    limit = ctx.services.settings.workers.max_conversions_per_organization
    async with ctx.services.database.transaction() as session:
        for row in await conversions.list_by_tracks(session, [track.id]):
            if row.format is wanted:
                _refuse_broken(track, row)
        if await conversions.count_waiting(session, track.organization_id) >= limit:
            raise Unavailable("Too many files of the organization wait to be made", _FULL_SECONDS)
        is_news = await conversions.request(session, track, wanted, ctx.caller.user_id)
    if is_news:
        await ctx.services.queue.wake()


def _refuse_broken(track: Track, row: Conversion) -> None:
    if row.status is not ConversionStatus.FAILED or row.finished_at is None or row.title != track.title:
        return
    left = row.finished_at + _REST - clock.now()
    if left > timedelta():
        raise Unavailable("The file could not be made", max(int(left.total_seconds()), 1))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What there is of a track, and what was asked for."""

    track: Track
    files: Mapping[tuple[FileRole, str], TrackFile]
    asked: Mapping[Format, Conversion]

    def converted(self, engines: EngineRegistry) -> list[Download]:
        """Formats that carry papers."""
        return [
            Download(self.track, wanted, _MEDIA_TYPES[wanted], file=self._as_made(wanted) or self._as_asked(wanted))
            for wanted in Format
            if wanted in CONVERTIBLE and self._can_be_had(wanted, engines)
        ]

    def stems(self) -> list[Download]:
        """Each part."""
        return [
            Download(self.track, Format.STEM, file.media_type, name, file)
            for (role, name), file in sorted(self.files.items())
            if role is FileRole.STEM
        ]

    def kept(self) -> list[Download]:
        """The rest."""
        found = {wanted: self.files.get(place) for wanted, place in _KEPT.items()}
        return [Download(self.track, wanted, file.media_type, "", file) for wanted, file in found.items() if file]

    def _can_be_had(self, wanted: Format, engines: EngineRegistry) -> bool:
        """A master that was not kept can be played again by the very engine that played it."""
        match wanted:
            case Format.MP3:
                return (FileRole.MASTER, "") in self.files
            case Format.STEMS:
                return any(role is FileRole.STEM for role, _ in self.files)
            case _:
                card = engines.get(self.track.engine)
                is_playable = card is not None and card.version == self.track.engine_version
                return (FileRole.LOSSLESS, "") in self.files or is_playable

    def _as_made(self, wanted: Format) -> TrackFile | None:
        """The file that was made with the track, if it tells the title."""
        is_true = self.track.papers is not None and self.track.papers["title"] == self.track.title
        role = {Format.MP3: FileRole.MASTER, Format.FLAC: FileRole.LOSSLESS}.get(wanted)
        return self.files.get((role, "")) if is_true and role else None

    def _as_asked(self, wanted: Format) -> TrackFile | None:
        """The file that was made when somebody asked for it, if it tells the title."""
        row = self.asked.get(wanted)
        is_true = row is not None and row.status is ConversionStatus.DONE and row.title == self.track.title
        return self.files.get((FileRole.DOWNLOAD, wanted.value)) if is_true else None
