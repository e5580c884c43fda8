"""Tracks: a finished piece, its files by short-lived links, and its score."""

from datetime import datetime
from typing import Self

import strawberry

from core.jobs import Mode
from resolvers import links
from schema.context import Info
from schema.licences import Licence
from schema.nodes import Node
from schema.reports import TrackReport
from storage import tables
from storage.tables import FileRole


@strawberry.type(description="One part of the mix as a file of its own.")
class Stem:
    """From a file of role stem."""

    name: str = strawberry.field(description="Which part: drums, bass, harmony, melody, texture.")
    url: str | None = strawberry.field(description="Signed link to a FLAC file; null while storage is away.")


@strawberry.type(description="A chord and when it sounds.")
class Chord:
    """From the track's row."""

    start_ms: int = strawberry.field(description="Start, in milliseconds from the beginning.")
    end_ms: int = strawberry.field(description="End, in milliseconds from the beginning.")
    symbol: str = strawberry.field(description="As on a lead sheet: Am7, F/C.")


@strawberry.type(description="A part of the form.")
class Section:
    """From the track's row."""

    start_ms: int = strawberry.field(description="Start, in milliseconds from the beginning.")
    end_ms: int = strawberry.field(description="End, in milliseconds from the beginning.")
    name: str = strawberry.field(description="As intro, verse, chorus, outro.")


@strawberry.type(description="The written music.")
class Score:
    """From the track's row and its score file."""

    midi_url: str | None = strawberry.field(description="Signed link to a Standard MIDI File; null while unavailable.")
    chords: list[Chord] = strawberry.field(description="In order, without gaps.")
    sections: list[Section] = strawberry.field(description="In order, without gaps.")


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
        files = await info.context.loaders.files_of_track.load(self.row.id)
        masters = [file for file in files if file.role is FileRole.MASTER]
        return await links.url(info.context.ctx, self.row, masters[0]) if masters else None

    @classmethod
    def of(cls, row: tables.Track) -> Self:
        """The row as a type."""
        return cls(
            id=strawberry.ID(row.id),
            title=row.title,
            engine=row.engine,
            mode=row.mode,
            measured_duration_seconds=row.measured_duration_seconds,
            instrumental=row.instrumental,
            licence=Licence.of_track(row),
            row=row,
        )


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

    @strawberry.field(description="The parts of the mix; empty when the engine makes none.")
    async def stems(self, info: Info) -> list[Stem]:
        """See links.url."""
        return [
            Stem(name=file.name, url=await links.url(info.context.ctx, self.row, file))
            for file in await self._files(info, FileRole.STEM)
        ]

    @strawberry.field(description="What was asked, what was delivered, and what the audio measures; null if unknown.")
    def report(self) -> TrackReport | None:
        """From the row."""
        return TrackReport.of(self.row.report) if self.row.report else None

    @strawberry.field(description="The written music.")
    async def score(self, info: Info) -> Score:
        """See links.url."""
        return Score(
            midi_url=await self._url(info, FileRole.SCORE),
            chords=[Chord(**chord) for chord in self.row.chords],
            sections=[Section(**section) for section in self.row.sections],
        )

    async def _url(self, info: Info, role: FileRole) -> str | None:
        files = await self._files(info, role)
        return await links.url(info.context.ctx, self.row, files[0]) if files else None

    async def _files(self, info: Info, role: FileRole) -> list[tables.TrackFile]:
        if self.row.deleted_at is not None:
            return []
        files = await info.context.loaders.files_of_track.load(self.row.id)
        return [file for file in files if file.role is role]

    @classmethod
    def of(cls, row: tables.Track) -> Self:
        """The row as a type."""
        return cls(
            id=strawberry.ID(row.id),
            title=row.title,
            engine=row.engine,
            engine_version=row.engine_version,
            mode=row.mode,
            instrumental=row.instrumental,
            measured_duration_seconds=row.measured_duration_seconds,
            tempo_bpm=row.tempo_bpm,
            key=row.key,
            metre=row.metre,
            style=row.style,
            loudness_lufs=row.loudness_lufs,
            true_peak_dbtp=row.true_peak_dbtp,
            seed=row.seed,
            palette=row.palette,
            created_at=row.created_at,
            licence=Licence.of_track(row),
            row=row,
        )
