"""Downloads: a track's files in all formats. Workers render some formats on request and keep them.

The tags of a download contain the track's title. A file made under an earlier title is rendered again on request.
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

RETRY_AFTER_SECONDS: Final = 2
"""How long clients wait before they ask again for a file that is being made."""

_FAILURE_COOLDOWN: Final = timedelta(minutes=5)
"""How long after a failed conversion the next one may be requested."""

_QUEUE_FULL_RETRY_SECONDS: Final = 30

_MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.MP3: "audio/mpeg",
    Format.FLAC: "audio/flac",
    Format.WAV: "audio/wav",
    Format.STEMS: "application/zip",
}

_UNTAGGED_FILES: Final[Mapping[Format, tuple[FileRole, str]]] = {
    Format.MIDI: (FileRole.SCORE, ""),
    Format.MUSICXML: (FileRole.SCORE, "musicxml"),
    Format.WAVEFORM: (FileRole.WAVEFORM, ""),
    Format.COVER: (FileRole.COVER, "png"),
}
"""Role and name of the files without tags: a new title does not change them."""


@dataclass(frozen=True, slots=True)
class Download:
    """A track in one format. ``part`` is the name of a stem, else empty; ``file`` is None until a worker made it."""

    track: Track
    format: Format
    media_type: str
    part: str = ""
    file: TrackFile | None = None

    @property
    def file_name(self) -> str:
        """The name that browsers save the file under."""
        if self.format in _UNTAGGED_FILES and self.file is not None:
            return track_urls.file_name(self.track, self.file)
        label = " - stems" if self.format is Format.STEMS else f" - {self.part}" if self.part else ""
        return track_urls.title_file_name(self.track, label, self.media_type)

    async def sign_url(self, ctx: Context) -> str | None:
        """Sign a URL whose response browsers save; return None until the file is made. Raises Unavailable."""
        if self.file is None:
            return None
        return await track_urls.sign_url(ctx, self.track, self.file, self.file_name)


def build_downloads(
    track: Track, files: Sequence[TrackFile], requested: Sequence[Conversion], engines: EngineRegistry
) -> list[Download]:
    """Return the downloads that a track offers, in the order of Format; none for a deleted track."""
    if track.deleted_at is not None:
        return []
    track_files = _TrackFiles(
        track, {(file.role, file.name): file for file in files}, {row.format: row for row in requested}
    )
    return [*track_files.convertible(engines), *track_files.stems(), *track_files.untagged()]


async def list_downloads(ctx: Context, track: Track) -> list[Download]:
    """Return the downloads of a track. The caller must be allowed to read it."""
    async with ctx.services.database.transaction() as session:
        files = await track_rows.list_files(session, [track.id])
        requested = await conversions.list_by_tracks(session, [track.id])
    return build_downloads(track, files, requested, ctx.services.engines)


async def find_conversions(ctx: Context, track_ids: Collection[str]) -> dict[str, list[Conversion]]:
    """Return the requested conversions of each track. The caller must be allowed to read the tracks."""
    found: dict[str, list[Conversion]] = {track_id: [] for track_id in track_ids}
    async with ctx.services.database.transaction() as session:
        for row in await conversions.list_by_tracks(session, track_ids):
            found[row.track_id].append(row)
    return found


async def prepare(
    ctx: Context, track_id: str, target: Format, part: str | None = None, organization_id: str | None = None
) -> Download:
    """Return a download, and request a conversion if its file does not exist. ``part`` is the stem of Format.STEM.

    Raises NotFound (track, or format not offered), Unavailable.
    """
    track = await tracks.get(ctx, track_id, organization_id)
    for download in await list_downloads(ctx, track):
        if (download.format, download.part) == (target, part or ""):
            if download.file is None:
                await _request_conversion(ctx, track, target)
            return download
    raise NotFound("File of the music track", track_id=track_id)


async def _request_conversion(ctx: Context, track: Track, target: Format) -> None:
    max_waiting = ctx.services.settings.workers.max_conversions_per_organization
    async with ctx.services.database.transaction() as session:
        for row in await conversions.list_by_tracks(session, [track.id]):
            if row.format is target:
                _check_cooldown(track, row)
        if await conversions.count_waiting(session, track.organization_id) >= max_waiting:
            raise Unavailable("Too many files of the organization wait to be made", _QUEUE_FULL_RETRY_SECONDS)
        is_new = await conversions.request(session, track, target, ctx.caller.user_id)
    if is_new:
        await ctx.services.queue.wake()


def _check_cooldown(track: Track, row: Conversion) -> None:
    """Raise Unavailable shortly after this conversion failed."""
    if row.status is not ConversionStatus.FAILED or row.finished_at is None or row.title != track.title:
        return
    remaining = row.finished_at + _FAILURE_COOLDOWN - clock.now()
    if remaining > timedelta():
        raise Unavailable("The file could not be made", max(int(remaining.total_seconds()), 1))


@dataclass(frozen=True, slots=True)
class _TrackFiles:
    """The files of a track, and its requested conversions."""

    track: Track
    files: Mapping[tuple[FileRole, str], TrackFile]
    conversions: Mapping[Format, Conversion]

    def convertible(self, engines: EngineRegistry) -> list[Download]:
        return [
            Download(self.track, target, _MEDIA_TYPES[target], file=self._original(target) or self._converted(target))
            for target in Format
            if target in CONVERTIBLE and self._is_available(target, engines)
        ]

    def stems(self) -> list[Download]:
        return [
            Download(self.track, Format.STEM, file.media_type, name, file)
            for (role, name), file in sorted(self.files.items())
            if role is FileRole.STEM
        ]

    def untagged(self) -> list[Download]:
        files = {target: self.files.get(key) for target, key in _UNTAGGED_FILES.items()}
        return [Download(self.track, target, file.media_type, "", file) for target, file in files.items() if file]

    def _is_available(self, target: Format, engines: EngineRegistry) -> bool:
        """Whether a worker can make the file: a missing lossless master can be rendered by the same engine version."""
        match target:
            case Format.MP3:
                return (FileRole.MASTER, "") in self.files
            case Format.STEMS:
                return any(role is FileRole.STEM for role, _ in self.files)
            case _:
                engine = engines.get(self.track.engine)
                is_renderable = engine is not None and engine.version == self.track.engine_version
                return (FileRole.LOSSLESS, "") in self.files or is_renderable

    def _original(self, target: Format) -> TrackFile | None:
        """Return the file that was made here with the track if its tags have the present title."""
        has_title = (
            self.track.origin is None
            and self.track.papers is not None
            and self.track.papers["title"] == self.track.title
        )
        role = {Format.MP3: FileRole.MASTER, Format.FLAC: FileRole.LOSSLESS}.get(target)
        return self.files.get((role, "")) if has_title and role else None

    def _converted(self, target: Format) -> TrackFile | None:
        """Return the file of a conversion if its tags have the present title."""
        row = self.conversions.get(target)
        has_title = row is not None and row.status is ConversionStatus.DONE and row.title == self.track.title
        return self.files.get((FileRole.DOWNLOAD, target.value)) if has_title else None
