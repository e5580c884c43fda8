"""Focus sessions and their segments, with the beat grid and controls that players need."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry

from core.focus import MAX_MINUTES, EndReason, Goal, Intensity, SessionStatus, total_segments
from engines import focus_port
from resolvers.focus import hls, scheduling, sessions
from resolvers.focus.snapshots import ReadySegment, Snapshot
from schema.limits.field_costs import ListSize, signed_url
from schema.relay import slices
from schema.relay.connections import MAX_FIRST
from schema.relay.cursors import Position
from schema.relay.node import Node
from schema.runtime import subscriptions
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.runtime.subscriptions import AfterSequence
from schema.types import tracks
from schema.types.tracks import Track
from storage.tables import FileRole

MAX_SEGMENTS: Final = total_segments(MAX_MINUTES)


@row_backed()
@strawberry.type(description="The controls of a focus session, set by the listener.")
class FocusControls(RowBacked[focus_port.FocusControls]):
    goal: Goal = strawberry.field(description="The purpose of the session.")
    intensity: Intensity = strawberry.field(description="The intensity of the music.")
    divergence: float = strawberry.field(
        description="How much segments differ, from 0.0 (variations) to 1.0 (a new journey each)."
    )
    prompt: str | None = strawberry.field(description="The listener's description of the music.")


@row_backed()
@strawberry.type(
    description="The beat grid of a segment and its crossfades. Times are relative to the segment's first sample. "
    "The audio contains no fades: the player applies them."
)
class FocusGrid(RowBacked[focus_port.BeatGrid]):
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
    is_beat_known: bool = strawberry.field(
        description="Whether tempo and beats are those of the audio. If not, no steady beat was found in the music of "
        "a remote engine, and the crossfades do not follow the beat."
    )


@row_backed(
    "row.plan",
    begins_at_seconds="row.start_seconds",
    measured_duration_seconds="row.track.measured_duration_seconds",
    engine_version="row.track.engine_version",
    seed="row.plan.session_seed",
    controls=lambda segment: FocusControls.from_row(segment.row.plan.controls),
    grid=lambda segment: FocusGrid.from_row(segment.row.plan.grid),
    track=lambda segment: Track.from_row(segment.row.track),
)
@strawberry.type(description="A ready segment of a focus session.")
class FocusSegment(RowBacked[ReadySegment]):
    index: int = strawberry.field(description="The index of the segment, from 0.")
    begins_at_seconds: float = strawberry.field(description="The start of the segment in the session, in seconds.")
    is_last: bool = strawberry.field(description="Whether it is the last segment of the session.")
    measured_duration_seconds: float | None = strawberry.field(description="The duration of its audio, in seconds.")
    engine_version: str = strawberry.field(description="The version of the engine that rendered it.")
    seed: int = strawberry.field(description="The seed of the session.")
    controls: FocusControls = strawberry.field(description="The controls with which it was planned.")
    grid: FocusGrid = strawberry.field(description="Its beat grid and crossfades.")
    track: Track = strawberry.field(description="Its track. Use `promoteFocusSegment` to save it in your library.")

    @signed_url(description="A signed, short-lived URL of the MP3, or null if storage is unavailable.")
    async def playback_url(self, info: Info) -> str | None:
        return await tracks.file_url(info, self.row.track, FileRole.MASTER)


@row_backed(
    "row.row",
    is_idle="row.is_idle",
    is_stalled="row.is_stalled",
    gap_seconds="row.gap_seconds",
    controls=lambda session: FocusControls.from_row(scheduling.controls_from_row(session.row.row)),
    total_segments="row.total_segments",
    ready_count=lambda session: len(session.row.ready),
    more_pending="row.has_pending_segments",
    next_ready_at="row.next_ready_at",
    playhead_seconds="row.playhead_seconds",
)
@strawberry.type(description="Continuous music for one listener, rendered in segments that are crossfaded in playback.")
class FocusSession(RowBacked[Snapshot], Node):
    status: SessionStatus = strawberry.field(description="The status.")
    end_reason: EndReason | None = strawberry.field(description="Why the session ended, or null if it is active.")
    is_idle: bool = strawberry.field(
        description="Whether rendering is paused because no client has read the session recently. Reading the session "
        "by its ID resumes it."
    )
    is_stalled: bool = strawberry.field(
        description="Whether the playback position has reached the end of the ready music: there is a gap until the "
        "next segment is ready, because the engine is slower than playback."
    )
    gap_seconds: float = strawberry.field(
        description="The sum of all gaps in which playback waited for a segment, in seconds."
    )
    problem: str | None = strawberry.field(
        description="Why a segment could not be rendered, if the session ended for that."
    )
    sequence: int = strawberry.field(
        description="The sequence number of the latest change. Pass it as `after` to resume a subscription."
    )
    engine: str = strawberry.field(description="The key of the engine.")
    seed: int = strawberry.field(description="The seed. The same seed and controls give the same music.")
    controls: FocusControls = strawberry.field(description="The controls for segments that are planned from now on.")
    prefetch: bool = strawberry.field(description="Whether all segments are rendered ahead of playback.")
    target_minutes: int = strawberry.field(description="The planned duration, in minutes.")
    total_segments: int = strawberry.field(description="The number of planned segments.")
    ready_count: int = strawberry.field(description="The number of ready segments.")
    more_pending: bool = strawberry.field(description="Whether further segments will be rendered.")
    next_ready_at: datetime | None = strawberry.field(description="When the next segment is expected; null if unknown.")
    playhead_seconds: float = strawberry.field(
        description="The estimated playback position, in seconds: playback is assumed to start when the first segment "
        "is ready."
    )
    created_at: datetime = strawberry.field(description="The time when the session was started.")
    first_ready_at: datetime | None = strawberry.field(description="The time when the first segment became ready.")
    ended_at: datetime | None = strawberry.field(description="The time when the session ended.")

    @signed_url(description="The signed URL of an HLS playlist of the session, which grows during the session.")
    def stream_url(self, info: Info) -> str:
        return hls.sign_url(info.context.ctx, self.row.row)

    @strawberry.field(
        directives=[ListSize(slicing_arguments=["first"])],
        description="The ready segments, in order, from `offset` on.",
    )
    def segments(
        self,
        first: Annotated[
            int | None, strawberry.argument(description=f"The number of segments to return, 0 to {MAX_SEGMENTS}.")
        ] = MAX_FIRST,
        offset: Annotated[
            int | None, strawberry.argument(description="The number of segments to skip, 0 or more.")
        ] = 0,
    ) -> list[FocusSegment] | None:
        ready = self.row.ready[slices.checked(first, offset, MAX_SEGMENTS)]
        return [FocusSegment.from_row(segment) for segment in ready]

    @staticmethod
    def position(snapshot: Snapshot) -> Position:
        return snapshot.row.created_at, snapshot.row.id


def _new_segments(update: sessions.Update) -> list[FocusSegment]:
    segments = update.snapshot.ready
    return [FocusSegment.from_row(each) for each in segments if (each.job.ready_sequence or 0) > update.since]


@row_backed(
    sequence="row.snapshot.row.sequence",
    session=lambda update: FocusSession.from_row(update.row.snapshot),
    new_segments=lambda update: _new_segments(update.row),
)
@strawberry.type(description="A focus session after a change.")
class FocusSessionUpdate(RowBacked[sessions.Update]):
    sequence: int = strawberry.field(description="The sequence number of the change. Pass it as `after` to resume.")
    session: FocusSession = strawberry.field(description="The session.")
    new_segments: list[FocusSegment] = strawberry.field(
        directives=[ListSize(assumed_size=MAX_SEGMENTS)],
        description="The segments that became ready since the previous update, or since `after`.",
    )


@strawberry.type
class FocusSubscriptions:
    @strawberry.subscription(
        description="The current state of a focus session, then its state after each change. Completes after the final "
        "state."
    )
    def focus_session_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the focus session.")],
        after: AfterSequence = None,
    ) -> AsyncGenerator[FocusSessionUpdate, Any]:
        updates = sessions.watch(info.context.ctx, id, after)
        return subscriptions.stream(
            info, updates, lambda update: update.snapshot.row.sequence, FocusSessionUpdate.from_row
        )
