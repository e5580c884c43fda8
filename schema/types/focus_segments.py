"""Segments of focus sessions, with the beat grid and controls that players need."""

from dataclasses import asdict
from typing import Self

import strawberry

from core.focus import Goal, Intensity
from engines import focus_port
from resolvers.focus.snapshots import ReadySegment
from schema.runtime.context import Info
from schema.types import tracks
from schema.types.tracks import Track
from storage import tables
from storage.tables import FileRole


@strawberry.type(description="The controls of a focus session, set by the listener.")
class FocusControls:
    goal: Goal = strawberry.field(description="The purpose of the session.")
    intensity: Intensity = strawberry.field(description="The intensity of the music.")
    divergence: float = strawberry.field(
        description="How much segments differ, from 0.0 (variations) to 1.0 (a new journey each)."
    )
    prompt: str | None = strawberry.field(description="The listener's description of the music.")

    @classmethod
    def from_controls(cls, controls: focus_port.Controls) -> Self:
        return cls(**asdict(controls))


@strawberry.type(
    description="The beat grid of a segment and its crossfades. Times are relative to the segment's first sample. "
    "The audio contains no fades: the player applies them."
)
class FocusGrid:
    tempo_bpm: float = strawberry.field(description="The tempo, in beats per minute.")
    metre: str = strawberry.field(description="The time signature, such as 4/4.")
    bars: int = strawberry.field(description="The number of whole bars.")
    first_downbeat_ms: float = strawberry.field(description="The start of the first bar, in milliseconds.")
    key: str = strawberry.field(description="The key, such as A minor.")
    duration_seconds: float = strawberry.field(description="The planned duration including the overlap, in seconds.")
    overlap_ms: int = strawberry.field(
        description="The overlap with the next segment, in milliseconds. The next segment starts `durationSeconds` "
        "minus the overlap after this one."
    )
    fade_in_ms: int = strawberry.field(description="The fade-in for the player to apply, in milliseconds.")
    fade_out_ms: int = strawberry.field(description="The fade-out for the player to apply, in milliseconds.")
    target_lufs: float = strawberry.field(description="The target loudness, in LUFS.")

    @classmethod
    def from_grid(cls, grid: focus_port.BeatGrid) -> Self:
        return cls(**asdict(grid))


@strawberry.type(description="A ready segment of a focus session.")
class FocusSegment:
    index: int = strawberry.field(description="The index of the segment, from 0.")
    begins_at_seconds: float = strawberry.field(description="The start of the segment in the session, in seconds.")
    is_last: bool = strawberry.field(description="Whether it is the last segment of the session.")
    measured_duration_seconds: float | None = strawberry.field(description="The duration of its audio, in seconds.")
    engine_version: str = strawberry.field(description="The version of the engine that rendered it.")
    seed: int = strawberry.field(description="The seed of the session.")
    controls: FocusControls = strawberry.field(description="The controls with which it was planned.")
    grid: FocusGrid = strawberry.field(description="Its beat grid and crossfades.")
    track: Track = strawberry.field(description="Its track. Use `promoteFocusSegment` to save it in your library.")
    row: strawberry.Private[tables.Track]

    @strawberry.field(description="A signed, short-lived URL of the MP3, or null if storage is unavailable.")
    async def playback_url(self, info: Info) -> str | None:
        return await tracks.file_url(info, self.row, FileRole.MASTER)

    @classmethod
    def from_segment(cls, segment: ReadySegment) -> Self:
        plan, track = segment.plan, segment.track
        return cls(
            index=plan.index,
            begins_at_seconds=segment.start_seconds,
            is_last=plan.is_last,
            measured_duration_seconds=track.measured_duration_seconds,
            engine_version=track.engine_version,
            seed=plan.session_seed,
            controls=FocusControls.from_controls(plan.controls),
            grid=FocusGrid.from_grid(plan.grid),
            track=Track.from_row(track),
            row=track,
        )
