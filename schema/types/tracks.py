"""Tracks: a finished piece, its files by short-lived links, and its score."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Self

import strawberry
from strawberry.scalars import JSON

from core.jobs import Mode
from resolvers.library import downloads, track_urls, waveforms
from schema.relay import connections
from schema.relay.connections import After, Connection, First
from schema.relay.node import Node
from schema.runtime import row_types
from schema.runtime.context import Info
from schema.runtime.dataloaders import KeysetPage
from schema.types.covers import Cover
from schema.types.downloads import Download
from schema.types.licences import Licence
from schema.types.reports import TrackProperties, TrackReport
from schema.types.scores import Chord, Score, Section
from storage import tables
from storage.tables import FileRole

PointsArgument = Annotated[int, strawberry.argument(description=f"How many parts, 1 to {waveforms.MAX_POINTS}.")]


@strawberry.type(description="One part of the mix as a file of its own.")
class Stem:
    """From a file of role stem."""

    name: str = strawberry.field(description="Which part: drums, bass, harmony, melody, texture.")
    url: str | None = strawberry.field(description="Signed link to a FLAC file; null while storage is away.")


@row_types.row_backed(licence=lambda track: Licence.from_track(track.row))
@strawberry.type(description="A track as anybody with its link sees it.")
class SharedTrack:
    """From a row whose creator shared it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    title: str | None = strawberry.field(description="What it is called.")
    engine: str = strawberry.field(description="Key of the engine that made it.")
    mode: Mode = strawberry.field(description="What kind of request made it.")
    measured_duration_seconds: float | None = strawberry.field(description="Length of the audio, in seconds.")
    instrumental: bool = strawberry.field(description="Whether it has no voice.")
    licence: Licence = strawberry.field(description="What it may be used for.")
    row: strawberry.Private[tables.Track]

    @strawberry.field(description="Signed, short-lived link to the MP3; null while storage is away.")
    async def playback_url(self, info: Info) -> str | None:
        """Batched over the page."""
        files = await info.context.loaders.track_files.load(self.row.id)
        masters = [file for file in files if file.role is FileRole.MASTER]
        return await track_urls.url(info.context.ctx, self.row, masters[0]) if masters else None

    @strawberry.field(description="Its picture; null for a track that has none.")
    async def cover(self, info: Info) -> Cover | None:
        """See Cover."""
        return await Cover.load(info, self.row)

    @classmethod
    def from_row(cls, row: tables.Track) -> Self:
        """The row as a type."""
        return row_types.build(cls, row=row)


@row_types.row_backed(licence=lambda track: Licence.from_track(track.row))
@strawberry.type(description="A finished piece of music.")
class Track(Node):
    """From a row that the caller may read."""

    title: str | None = strawberry.field(description="Given by the caller or by the engine.")
    engine: str = strawberry.field(description="Key of the engine that made it.")
    engine_version: str = strawberry.field(description="Version of that engine.")
    mode: Mode = strawberry.field(description="What kind of request made it.")
    instrumental: bool = strawberry.field(description="Whether it has no voice.")
    measured_duration_seconds: float | None = strawberry.field(description="Length of the audio, in seconds.")
    tempo_bpm: float | None = strawberry.field(description="Tempo, in beats per minute.")
    key: str | None = strawberry.field(description="Key, as A minor.")
    metre: str | None = strawberry.field(description="Time signature, as 4/4.")
    style: str | None = strawberry.field(description="Style that the engine chose.")
    loudness_lufs: float | None = strawberry.field(description="Integrated loudness after ITU-R BS.1770-4, in LUFS.")
    true_peak_dbtp: float | None = strawberry.field(description="Highest true peak, in dBTP.")
    seed: int = strawberry.field(description="The seed that made it.")
    palette: list[str] = strawberry.field(description="Colours that fit it, dark to bright, as #1a2b3c.")
    created_at: datetime = strawberry.field(description="When it was made.")
    licence: Licence = strawberry.field(description="What it may be used for, frozen when it was made.")
    row: strawberry.Private[tables.Track]

    @strawberry.field(description="Signed, short-lived link to the MP3; null while storage is away or when deleted.")
    async def playback_url(self, info: Info) -> str | None:
        """See links.url."""
        return await self._url(info, FileRole.MASTER)

    @strawberry.field(description="Signed, short-lived link to the waveform's peaks (audiowaveform JSON).")
    async def waveform_url(self, info: Info) -> str | None:
        """See links.url."""
        return await self._url(info, FileRole.WAVEFORM)

    @strawberry.field(description="Its picture; null for a track that has none or was deleted.")
    async def cover(self, info: Info) -> Cover | None:
        """See Cover."""
        return await Cover.load(info, self.row)

    @strawberry.field(description="The parts of the mix; empty when the engine makes none.")
    async def stems(self, info: Info) -> list[Stem]:
        """See links.url."""
        return [
            Stem(name=file.name, url=await track_urls.url(info.context.ctx, self.row, file))
            for file in await self._files(info, FileRole.STEM)
        ]

    @strawberry.field(description="What was asked, what was delivered, and what the audio measures; null if unknown.")
    def report(self) -> TrackReport | None:
        """From the row."""
        return TrackReport.from_report(self.row.report) if self.row.report else None

    @strawberry.field(description="How it was asked to be; null if unknown.")
    def requested(self) -> TrackProperties | None:
        """From the row."""
        return TrackProperties.from_report(self.row.report, "requested") if self.row.report else None

    @strawberry.field(description="How the audio measures; null if unknown.")
    def measured(self) -> TrackProperties | None:
        """From the row."""
        return TrackProperties.from_report(self.row.report, "measured") if self.row.report else None

    @strawberry.field(description="The chords, in order, without gaps.")
    def chords(self) -> list[Chord]:
        """From the row."""
        return [Chord(**chord) for chord in self.row.chords]

    @strawberry.field(description="The parts of the form, in order, without gaps.")
    def sections(self) -> list[Section]:
        """From the row."""
        return [Section(**section) for section in self.row.sections]

    @strawberry.field(description="The written music.")
    async def score(self, info: Info) -> Score:
        """See links.url."""
        return Score(midi_url=await self._url(info, FileRole.SCORE))

    @strawberry.field(
        description="The highest level in each of so many equal parts, 0 to 1; null while storage is away."
    )
    async def waveform(self, info: Info, points: PointsArgument = 800) -> list[float] | None:
        """See waveforms.peaks."""
        limit = waveforms.limit(points)
        files = await self._files(info, FileRole.WAVEFORM)
        return await waveforms.peaks(info.context.ctx, files[0], limit) if files else None

    @strawberry.field(description="Every format in which it can be had.")
    async def downloads(self, info: Info) -> list[Download]:
        """Batched over the page."""
        loaders = info.context.loaders
        files, asked = await asyncio.gather(
            loaders.track_files.load(self.row.id), loaders.track_conversions.load(self.row.id)
        )
        engines = info.context.ctx.services.engines
        return [Download.from_download(one) for one in downloads.of(self.row, files, asked, engines)]

    @strawberry.field(
        description="What the studio says of it over its signature, for anybody to check: hashes of all its files, "
        "licence, origin. Null for a deleted one."
    )
    async def receipt(self, info: Info) -> JSON | None:
        """Batched over the page."""
        if self.row.deleted_at is not None:
            return None
        return JSON(await info.context.loaders.track_receipt.load(self.row))

    @strawberry.field(description="What it continues, and what continues it.")
    def lineage(self) -> "Lineage":
        """Its fields are batched over the page."""
        return Lineage(track_id=self.row.id)

    async def _url(self, info: Info, role: FileRole) -> str | None:
        files = await self._files(info, role)
        return await track_urls.url(info.context.ctx, self.row, files[0]) if files else None

    async def _files(self, info: Info, role: FileRole) -> list[tables.TrackFile]:
        if self.row.deleted_at is not None:
            return []
        files = await info.context.loaders.track_files.load(self.row.id)
        return [file for file in files if file.role is role]

    @classmethod
    def from_row(cls, row: tables.Track) -> Self:
        """The row as a type."""
        return row_types.build(cls, row=row)


@strawberry.type(description="How a track is related to others that you may read.")
class Lineage:
    """Asked for by the track's id."""

    track_id: strawberry.Private[str]

    @strawberry.field(description="The track that it continues, if it continues one that you may read.")
    async def seed_track(self, info: Info) -> Track | None:
        """Batched over the page."""
        row = await info.context.loaders.seed_track.load(self.track_id)
        return Track.from_row(row) if row else None

    @strawberry.field(description="The tracks that continue it, newest first.")
    async def derived_tracks(
        self, info: Info, first: First = connections.DEFAULT_FIRST, after: After = None
    ) -> Connection[Track]:
        """Batched over the page."""
        loaders, limit = info.context.loaders, connections.page_size(first)
        page = KeysetPage(self.track_id, limit + 1, connections.decode_position(after))

        def edge(row: tables.Track) -> tuple[connections.Position, Track]:
            return (row.created_at, row.id), Track.from_row(row)

        rows = await loaders.derived_tracks.load(page)
        return connections.from_rows(rows, limit, after, edge, partial(loaders.derived_track_count.load, self.track_id))
