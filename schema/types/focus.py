"""Focus sessions: queries and subscriptions."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from core.focus import EndReason, SessionStatus
from resolvers.focus import hls, scheduling, sessions
from resolvers.focus.snapshots import Snapshot
from schema.relay.cursors import Position
from schema.relay.node import Node
from schema.runtime import subscriptions
from schema.runtime.context import Info
from schema.runtime.subscriptions import AfterSequence
from schema.types.focus_segments import FocusControls, FocusSegment


@strawberry.type(description="Continuous music for one listener, rendered in segments that are crossfaded in playback.")
class FocusSession(Node):
    status: SessionStatus = strawberry.field(description="The status.")
    end_reason: EndReason | None = strawberry.field(description="Why the session ended, or null if it is active.")
    is_idle: bool = strawberry.field(
        description="Whether rendering is paused because no client has read the session recently. Reading the session "
        "by its ID resumes it."
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
    segments: list[FocusSegment] = strawberry.field(description="The ready segments, in order.")
    created_at: datetime = strawberry.field(description="The time when the session was started.")
    first_ready_at: datetime | None = strawberry.field(description="The time when the first segment became ready.")
    ended_at: datetime | None = strawberry.field(description="The time when the session ended.")
    snapshot: strawberry.Private[Snapshot]

    @strawberry.field(description="The signed URL of an HLS playlist of the session, which grows during the session.")
    def stream_url(self, info: Info) -> str:
        return hls.sign_url(info.context.ctx.services, self.snapshot.row)

    @staticmethod
    def position(snapshot: Snapshot) -> Position:
        return snapshot.row.created_at, snapshot.row.id

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> Self:
        row = snapshot.row
        return cls(
            id=strawberry.ID(row.id),
            status=row.status,
            end_reason=row.end_reason,
            is_idle=snapshot.is_idle,
            sequence=row.sequence,
            engine=row.engine,
            seed=row.seed,
            controls=FocusControls.from_controls(scheduling.controls_from_row(row)),
            prefetch=row.prefetch,
            target_minutes=row.target_minutes,
            total_segments=snapshot.total_segments,
            ready_count=len(snapshot.ready),
            more_pending=snapshot.has_pending_segments,
            next_ready_at=snapshot.next_ready_at,
            playhead_seconds=snapshot.playhead_seconds,
            segments=[FocusSegment.from_segment(segment) for segment in snapshot.ready],
            created_at=row.created_at,
            first_ready_at=row.first_ready_at,
            ended_at=row.ended_at,
            snapshot=snapshot,
        )


@strawberry.type(description="A focus session after a change.")
class FocusSessionUpdate:
    sequence: int = strawberry.field(description="The sequence number of the change. Pass it as `after` to resume.")
    session: FocusSession = strawberry.field(description="The session.")
    new_segments: list[FocusSegment] = strawberry.field(
        description="The segments that became ready since the previous update, or since `after`."
    )

    @classmethod
    def from_update(cls, update: sessions.Update) -> Self:
        snapshot = update.snapshot
        new_segments = [segment for segment in snapshot.ready if (segment.job.ready_sequence or 0) > update.since]
        return cls(
            sequence=snapshot.row.sequence,
            session=FocusSession.from_snapshot(snapshot),
            new_segments=[FocusSegment.from_segment(segment) for segment in new_segments],
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
            info, updates, lambda update: update.snapshot.row.sequence, FocusSessionUpdate.from_update
        )
