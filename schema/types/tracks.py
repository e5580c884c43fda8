"""Tracks: finished pieces of music with their files, score, report and lineage."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Self

import strawberry
from strawberry.scalars import JSON
from strawberry.types.lazy_type import LazyType

from core.jobs import Mode
from resolvers.library import downloads, track_urls, waveforms
from schema.limits.field_costs import Cost, ListSize, signed_url
from schema.relay import connections
from schema.relay.connections import DEFAULT_FIRST, After, Connection, First
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.runtime.dataloaders import Page
from schema.runtime.row_types import RowBacked, build, row_backed
from schema.types.downloads import Download
from schema.types.licences import Licence, TrackOrigin
from schema.types.reports import TrackProperties, TrackReport
from schema.types.sources import TrackSource
from storage import tables
from storage.tables import FileRole

DEFAULT_POINTS: Final = 800

# by their names, because their modules import this one
_GENERATION: Final = LazyType[Any, Any]("Generation", "schema.types.generations")
_LIBRARY_ENTRY: Final = LazyType[Any, Any]("LibraryEntry", "schema.types.libraries")

PointsArgument = Annotated[
    int | None, strawberry.argument(description=f"The number of values, 1 to {waveforms.MAX_POINTS}.")
]


async def load_files(info: Info, row: tables.Track, role: FileRole) -> list[tables.TrackFile]:
    """Return the files of a track with this role, none for a deleted track."""
    if row.deleted_at is not None:
        return []
    return [file for file in await info.context.loaders.track_files.load(row.id) if file.role is role]


async def file_url(
    info: Info, row: tables.Track, role: FileRole, share_id: str | None = None, name: str = ""
) -> str | None:
    """Return a signed URL of the file with this role and name; ``share_id`` as in ``track_urls.sign_url``."""
    files = [file for file in await load_files(info, row, role) if file.name == name]
    return await track_urls.sign_url(info.context.ctx, row, files[0], share_id=share_id) if files else None


async def load_waveform(info: Info, row: tables.Track, points: int | None) -> list[float] | None:
    """Return the peaks of a track; None if it has no waveform. Raises InvalidInput, Unavailable."""
    points = DEFAULT_POINTS if points is None else points
    waveforms.check_points(points)
    files = await load_files(info, row, FileRole.WAVEFORM)
    return await waveforms.load_peaks(info.context.ctx, files[0], points) if files else None


@strawberry.type(description="A chord of a track.")
class Chord:
    start_ms: int = strawberry.field(description="The start, in milliseconds from the start of the track.")
    end_ms: int = strawberry.field(description="The end, in milliseconds from the start of the track.")
    symbol: str = strawberry.field(description="The chord symbol, such as Am7 or F/C.")


@strawberry.type(description="A section of a track's form.")
class Section:
    start_ms: int = strawberry.field(description="The start, in milliseconds from the start of the track.")
    end_ms: int = strawberry.field(description="The end, in milliseconds from the start of the track.")
    name: str = strawberry.field(description="The name, such as intro, verse or chorus.")


@strawberry.type(description="The score of a track.")
class Score:
    midi_url: str | None = signed_url(description="A signed URL of a Standard MIDI File, or null if unavailable.")
    musicxml_url: str | None = signed_url(
        description="A signed URL of compressed MusicXML (.mxl), or null if there is none or storage is unavailable."
    )


@strawberry.type(description="A stem: the audio of one group of parts.")
class Stem:
    name: str = strawberry.field(description="The name: drums, bass, harmony, melody or texture.")
    url: str | None = signed_url(description="A signed URL of a FLAC file, or null if storage is unavailable.")


@strawberry.type(description="A square cover image, generated from the track's music.")
class Cover:
    row: strawberry.Private[tables.Track]
    files: strawberry.Private[dict[str, tables.TrackFile]]
    share_id: strawberry.Private[str | None] = None

    @signed_url(description="A signed, short-lived URL of the SVG image, or null if storage is unavailable.")
    async def svg_url(self, info: Info) -> str | None:
        return await track_urls.sign_url(info.context.ctx, self.row, self.files["svg"], share_id=self.share_id)

    @signed_url(description="A signed, short-lived URL of the 1024 px PNG image; null if storage is unavailable.")
    async def png_url(self, info: Info) -> str | None:
        return await track_urls.sign_url(info.context.ctx, self.row, self.files["png"], share_id=self.share_id)

    @classmethod
    async def load(cls, info: Info, row: tables.Track, share_id: str | None = None) -> Self | None:
        if row.deleted_at is not None:
            return None
        files = await info.context.loaders.track_files.load(row.id)
        covers = {file.name: file for file in files if file.role is FileRole.COVER}
        return cls(row=row, files=covers, share_id=share_id) if covers else None


@row_backed(licence=lambda track: Licence.from_track(track.row), origin=lambda track: TrackOrigin.from_track(track.row))
@strawberry.type(description="The public view of a shared track.")
class SharedTrack(RowBacked[tables.Track]):
    share_id: strawberry.Private[str]
    id: strawberry.ID = strawberry.field(description="The ID of the track.")
    title: str | None = strawberry.field(description="The title.")
    engine: str = strawberry.field(description="The key of the engine that generated it.")
    mode: Mode = strawberry.field(description="The mode of its generation.")
    measured_duration_seconds: float | None = strawberry.field(description="The duration of the audio, in seconds.")
    instrumental: bool = strawberry.field(description="Whether the track has no vocals.")
    licence: Licence = strawberry.field(description="The licence.")
    origin: TrackOrigin | None = strawberry.field(
        description="The origin of an imported track, or null if it was created here."
    )
    palette: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=10)],
        description="Colours that fit the music, dark to bright, such as #1a2b3c.",
    )

    @signed_url(description="A signed, short-lived URL of the MP3, or null if storage is unavailable.")
    async def playback_url(self, info: Info) -> str | None:
        return await file_url(info, self.row, FileRole.MASTER, self.share_id)

    @strawberry.field(description="The cover image, or null if the track has none.")
    async def cover(self, info: Info) -> Cover | None:
        return await Cover.load(info, self.row, self.share_id)

    @strawberry.field(description="The name of the organization that made it.")
    async def maker(self, info: Info) -> str | None:
        return await info.context.loaders.maker.load(self.row.organization_id)

    @strawberry.field(
        directives=[Cost(weight="20"), ListSize(slicing_arguments=["points"])],
        description="The waveform, as that of a `Track`.",
    )
    async def waveform(self, info: Info, points: PointsArgument = DEFAULT_POINTS) -> list[float] | None:
        return await load_waveform(info, self.row, points)

    @classmethod
    def of_link(cls, row: tables.Track, share_id: str) -> Self:
        """Return a track with URLs that work as long as the share link."""
        return build(cls, row=row, share_id=share_id)


@row_backed(
    licence=lambda track: Licence.from_track(track.row),
    origin=lambda track: TrackOrigin.from_track(track.row),
    source_audio=lambda track: TrackSource.from_track(track.row),
)
@strawberry.type(description="A finished piece of music.")
class Track(RowBacked[tables.Track], Node):
    title: str | None = strawberry.field(description="The title, given by the user or the engine.")
    engine: str = strawberry.field(description="The key of the engine that generated it.")
    engine_version: str = strawberry.field(description="The version of the engine.")
    mode: Mode = strawberry.field(description="The mode of its generation.")
    instrumental: bool = strawberry.field(description="Whether the track has no vocals.")
    measured_duration_seconds: float | None = strawberry.field(description="The duration of the audio, in seconds.")
    tempo_bpm: float | None = strawberry.field(description="The tempo, in beats per minute.")
    key: str | None = strawberry.field(description="The key, such as A minor.")
    metre: str | None = strawberry.field(description="The time signature, such as 4/4.")
    style: str | None = strawberry.field(description="The style chosen by the engine.")
    loudness_lufs: float | None = strawberry.field(description="The integrated loudness (ITU-R BS.1770-4), in LUFS.")
    true_peak_dbtp: float | None = strawberry.field(description="The maximum true peak, in dBTP.")
    seed: int = strawberry.field(description="The seed of its generation.")
    palette: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=10)],
        description="Colours that fit the music, dark to bright, such as #1a2b3c.",
    )
    created_at: datetime = strawberry.field(description="The time when the track was created.")
    licence: Licence = strawberry.field(description="The licence, fixed when the track was created.")
    origin: TrackOrigin | None = strawberry.field(
        description="The origin of an imported track, or null if it was created here."
    )
    source_audio: TrackSource | None = strawberry.field(
        description="The audio that it was made from, or null if it was made from none."
    )

    @signed_url(description="A signed, short-lived URL of the MP3, or null if unavailable or deleted.")
    async def playback_url(self, info: Info) -> str | None:
        return await file_url(info, self.row, FileRole.MASTER)

    @signed_url(
        description="A signed, short-lived URL of the file as a remote engine delivered it, with unchanged bytes, "
        "or null if there is none."
    )
    async def original_url(self, info: Info) -> str | None:
        return await file_url(info, self.row, FileRole.ORIGINAL)

    @signed_url(description="A signed, short-lived URL of the waveform's peaks as audiowaveform JSON.")
    async def waveform_url(self, info: Info) -> str | None:
        return await file_url(info, self.row, FileRole.WAVEFORM)

    @strawberry.field(description="The cover image, or null if the track has none or was deleted.")
    async def cover(self, info: Info) -> Cover | None:
        return await Cover.load(info, self.row)

    @strawberry.field(
        directives=[ListSize(assumed_size=10)], description="The stems. Empty if the engine renders none."
    )
    async def stems(self, info: Info) -> list[Stem]:
        return [
            Stem(name=file.name, url=await track_urls.sign_url(info.context.ctx, self.row, file))
            for file in await load_files(info, self.row, FileRole.STEM)
        ]

    @strawberry.field(description="Requested, composed and measured properties side by side, or null if unknown.")
    def report(self) -> TrackReport | None:
        return TrackReport.from_report(self.row.report) if self.row.report else None

    @strawberry.field(description="The requested properties, or null if unknown.")
    def requested(self) -> TrackProperties | None:
        return TrackProperties.from_report(self.row.report, "requested") if self.row.report else None

    @strawberry.field(description="The properties measured in the audio, or null if unknown.")
    def measured(self) -> TrackProperties | None:
        return TrackProperties.from_report(self.row.report, "measured") if self.row.report else None

    @strawberry.field(directives=[ListSize(assumed_size=100)], description="The chords, in order and without gaps.")
    def chords(self) -> list[Chord]:
        return [Chord(**chord) for chord in self.row.chords]

    @strawberry.field(
        directives=[ListSize(assumed_size=20)], description="The sections of the form, in order and without gaps."
    )
    def sections(self) -> list[Section]:
        return [Section(**section) for section in self.row.sections]

    @strawberry.field(description="The score.")
    async def score(self, info: Info) -> Score:
        return Score(
            midi_url=await file_url(info, self.row, FileRole.SCORE),
            musicxml_url=await file_url(info, self.row, FileRole.SCORE, name="musicxml"),
        )

    @strawberry.field(
        directives=[Cost(weight="20"), ListSize(slicing_arguments=["points"])],
        description="The waveform: the peak level of each of `points` equal parts, 0 to 1. Null if storage is "
        "unavailable.",
    )
    async def waveform(self, info: Info, points: PointsArgument = DEFAULT_POINTS) -> list[float] | None:
        return await load_waveform(info, self.row, points)

    @strawberry.field(directives=[ListSize(assumed_size=15)], description="The available download formats.")
    async def downloads(self, info: Info) -> list[Download]:
        loaders = info.context.loaders
        files, conversions = await asyncio.gather(
            loaders.track_files.load(self.row.id), loaders.track_conversions.load(self.row.id)
        )
        engines = info.context.ctx.services.engines
        return list(map(Download.from_row, downloads.build_downloads(self.row, files, conversions, engines)))

    @strawberry.field(
        directives=[Cost(weight="20")],
        description="The receipt: a signed statement of the hashes of all files, the licence and the origin, which "
        "anyone can verify. That of an imported track is signed by its issuer. Null if the track was deleted, or if "
        "it was imported without a receipt that could be verified.",
    )
    async def receipt(self, info: Info) -> JSON | None:
        if self.row.deleted_at is not None:
            return None
        receipt = await info.context.loaders.track_receipt.load(self.row)
        return None if receipt is None else JSON(receipt)

    @strawberry.field(
        description="The receipt of an imported track as it came in the archive, verified or not: JSON text. Null if "
        "it came without one or was created here."
    )
    async def imported_receipt(self, info: Info) -> str | None:
        if self.row.origin is None or self.row.deleted_at is not None:
            return None
        return await info.context.loaders.imported_receipt.load(self.row.id)

    @strawberry.field(
        graphql_type=_GENERATION | None,
        description="The request that created the track, or null if another user made the track.",
    )
    async def generation(self, info: Info) -> object:
        row = await info.context.loaders.generation.load(self.row.generation_id)
        return None if row is None else build(_GENERATION.resolve_type(), row=row)

    @strawberry.field(
        graphql_type=_LIBRARY_ENTRY | None,
        description="Your library entry of the track with its tags, or null if you have not saved the track.",
    )
    async def library_entry(self, info: Info) -> object:
        rows = await info.context.loaders.library_entry_of_track.load(self.row.id)
        return None if rows is None else _LIBRARY_ENTRY.resolve_type().from_rows(*rows)

    @strawberry.field(
        description="The tracks that this track continues or was made from, and those that were made from it."
    )
    def lineage(self) -> "Lineage":
        return Lineage(track_id=self.row.id)

    @classmethod
    async def load(cls, info: Info, track_id: str | None) -> Self | None:
        """Return the track if the caller can read it, and None for a null ID."""
        return None if track_id is None else cls.from_optional(await info.context.loaders.track.load(track_id))


@strawberry.type(description="The relations of a track to other tracks that you can read.")
class Lineage:
    track_id: strawberry.Private[str]

    @strawberry.field(
        description="The track that this track continues or was made from, or null if there is none that you can read."
    )
    async def seed_track(self, info: Info) -> Track | None:
        return Track.from_optional(await info.context.loaders.seed_track.load(self.track_id))

    @strawberry.field(description="The tracks that continue this track or were made from it, newest first.")
    async def derived_tracks(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[Track] | None:
        loaders = info.context.loaders
        return await connections.paginate(
            lambda limit, after: loaders.derived_tracks.load(Page(self.track_id, limit, after)),
            Track.from_row,
            partial(loaders.derived_track_count.load, self.track_id),
            first,
            after,
        )
