"""Segments of focus sessions: what a player needs to join them, and why each sounds as it does."""

from typing import Self

import strawberry

from core.focus import Goal, Intensity
from engines import focus_port
from resolvers.focus.snapshots import ReadySegment
from resolvers.library import track_urls
from schema.runtime.context import Info
from schema.types.tracks import Track
from storage import tables
from storage.tables import FileRole


@strawberry.type(description="What the listener had set.")
class FocusControls:
    """From an engine's controls."""

    goal: Goal = strawberry.field(description="What the music is for.")
    intensity: Intensity = strawberry.field(description="How much happens.")
    divergence: float = strawberry.field(description="From 0.0, segments are siblings, to 1.0, each is a journey.")
    prompt: str | None = strawberry.field(description="The listener's own words.")

    @classmethod
    def from_controls(cls, controls: focus_port.Controls) -> Self:
        """The controls as a type."""
        return cls(
            goal=controls.goal,
            intensity=controls.intensity,
            divergence=controls.divergence,
            prompt=controls.prompt,
        )


@strawberry.type(
    description="Where the beats of a segment lie and how it is joined to the next. Times from its first sample."
)
class FocusGrid:
    """From an engine's grid."""

    tempo_bpm: float = strawberry.field(description="Tempo, in beats per minute.")
    metre: str = strawberry.field(description="Time signature, as 4/4.")
    bars: int = strawberry.field(description="How many whole bars it has.")
    first_downbeat_ms: float = strawberry.field(description="When its first bar begins, in milliseconds.")
    key: str = strawberry.field(description="Key, as A minor.")
    duration_seconds: float = strawberry.field(description="Planned length with the overlap, in seconds.")
    overlap_ms: int = strawberry.field(
        description="How long it sounds on under the next segment, which begins the duration minus this after it."
    )
    fade_in_ms: int = strawberry.field(description="How long to fade it in; the fade is not in the audio.")
    fade_out_ms: int = strawberry.field(description="How long to fade it out at its end; not in the audio either.")
    target_lufs: float = strawberry.field(description="Loudness that it is made for, in LUFS.")

    @classmethod
    def from_grid(cls, grid: focus_port.BeatGrid) -> Self:
        """The grid as a type."""
        return cls(
            tempo_bpm=grid.tempo_bpm,
            metre=grid.metre,
            bars=grid.bars,
            first_downbeat_ms=grid.first_downbeat_ms,
            key=grid.key,
            duration_seconds=grid.duration_seconds,
            overlap_ms=grid.overlap_ms,
            fade_in_ms=grid.fade_in_ms,
            fade_out_ms=grid.fade_out_ms,
            target_lufs=grid.target_lufs,
        )


@strawberry.type(description="A segment that can be played.")
class FocusSegment:
    """From a segment that is ready."""

    index: int = strawberry.field(description="Its place in the session, from 0.")
    begins_at_seconds: float = strawberry.field(description="Where it begins on the session's clock, in seconds.")
    is_last: bool = strawberry.field(description="Whether it ends the session's music.")
    measured_duration_seconds: float | None = strawberry.field(description="Length of its audio, in seconds.")
    engine_version: str = strawberry.field(description="Version of the engine that made it.")
    seed: int = strawberry.field(description="Seed of the session that it was made with.")
    controls: FocusControls = strawberry.field(description="What was set when it was planned: why it sounds so.")
    grid: FocusGrid = strawberry.field(description="Where its beats lie and how it is joined.")
    track: Track = strawberry.field(description="Its music as a track; promote it to keep it in your library.")
    row: strawberry.Private[tables.Track]

    @strawberry.field(description="Signed, short-lived link to the MP3; null while storage is away.")
    async def playback_url(self, info: Info) -> str | None:
        """Batched over the page."""
        files = await info.context.loaders.track_files.load(self.row.id)
        masters = [file for file in files if file.role is FileRole.MASTER]
        return await track_urls.url(info.context.ctx, self.row, masters[0]) if masters else None

    @classmethod
    def from_segment(cls, segment: ReadySegment) -> Self:
        """The segment as a type."""
        plan, track = segment.plan, segment.track
        return cls(
            index=plan.index,
            begins_at_seconds=segment.begins_at_seconds,
            is_last=plan.is_last,
            measured_duration_seconds=track.measured_duration_seconds,
            engine_version=track.engine_version,
            seed=plan.session_seed,
            controls=FocusControls.from_controls(plan.controls),
            grid=FocusGrid.from_grid(plan.grid),
            track=Track.from_row(track),
            row=track,
        )
