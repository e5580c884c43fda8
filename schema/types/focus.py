"""Focus sessions: what there is to see of one, listed and watched."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from core.focus import SessionStatus
from core.playback_clock import EndReason
from resolvers.focus import hls, scheduling, sessions
from resolvers.focus.snapshots import View
from schema.relay import connections
from schema.relay.connections import Connection
from schema.relay.node import Node
from schema.runtime.context import Info
from schema.types.focus_segments import FocusControls, FocusSegment


@strawberry.type(description="Music that goes on, segment by segment, joined without a seam.")
class FocusSession(Node):
    """From a view of a row that the caller owns."""

    status: SessionStatus = strawberry.field(description="Where it stands.")
    end_reason: EndReason | None = strawberry.field(description="Why nothing new is made; null while it is active.")
    is_idle: bool = strawberry.field(
        description="Whether it rests because nobody asked for it of late; reading it by its id wakes it."
    )
    sequence: int = strawberry.field(description="Number of the latest change; resume a subscription behind it.")
    engine: str = strawberry.field(description="Key of the engine.")
    seed: int = strawberry.field(description="Start again with it, and the same segments have the same music.")
    controls: FocusControls = strawberry.field(description="What is set for the segments to come.")
    prefetch: bool = strawberry.field(description="Whether all segments are made without waiting for the listener.")
    target_minutes: int = strawberry.field(description="How long the music is planned to last.")
    total_segments: int = strawberry.field(description="How many segments are planned.")
    ready_count: int = strawberry.field(description="How many of them can be played.")
    more_pending: bool = strawberry.field(description="Whether more will come.")
    next_ready_at: datetime | None = strawberry.field(
        description="When to expect the next segment; null while nobody can tell."
    )
    playhead_seconds: float = strawberry.field(
        description="How far somebody is who began to listen when the first segment was ready."
    )
    segments: list[FocusSegment] = strawberry.field(description="The segments that can be played, in order.")
    created_at: datetime = strawberry.field(description="When it was started.")
    first_ready_at: datetime | None = strawberry.field(description="When its first segment was ready.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    view: strawberry.Private[View]

    @strawberry.field(
        description="Signed link to an HLS playlist of the whole session that grows while it plays; for any player."
    )
    def stream_url(self, info: Info) -> str:
        """See focus_streams.url."""
        return hls.url(info.context.ctx.services, self.view.row)

    @classmethod
    def from_snapshot(cls, view: View) -> Self:
        """The view as a type."""
        row = view.row
        return cls(
            id=strawberry.ID(row.id),
            status=row.status,
            end_reason=row.end_reason,
            is_idle=view.is_idle,
            sequence=row.sequence,
            engine=row.engine,
            seed=row.seed,
            controls=FocusControls.from_controls(scheduling.controls_of(row)),
            prefetch=row.prefetch,
            target_minutes=row.target_minutes,
            total_segments=view.total_segments,
            ready_count=len(view.ready),
            more_pending=view.more_pending,
            next_ready_at=view.next_ready_at,
            playhead_seconds=view.playhead_seconds,
            segments=[FocusSegment.from_segment(segment) for segment in view.ready],
            created_at=row.created_at,
            first_ready_at=row.first_ready_at,
            ended_at=row.ended_at,
            view=view,
        )


async def connection(info: Info, organization_id: str, *, first: int, after: str | None) -> Connection[FocusSession]:
    """The page behind a cursor."""
    ctx, limit = info.context.ctx, connections.page_size(first)
    position = connections.decode_position(after)
    views = await sessions.list_(ctx, organization_id, limit=limit + 1, after=position)

    def edge(view: View) -> tuple[connections.Position, FocusSession]:
        return (view.row.created_at, view.row.id), FocusSession.from_snapshot(view)

    return connections.from_rows(views, limit, after, edge, lambda: sessions.count(ctx, organization_id))


@strawberry.type(description="A focus session after a change.")
class FocusSessionUpdate:
    """From an update."""

    sequence: int = strawberry.field(description="Number of the change; resume behind it with `after`.")
    session: FocusSession = strawberry.field(description="The whole session as it stands.")
    new_segments: list[FocusSegment] = strawberry.field(
        description="The segments that became ready since the state before this one, or since `after`."
    )

    @classmethod
    def from_update(cls, update: sessions.Update) -> Self:
        """The update as a type."""
        view = update.view
        new = [segment for segment in view.ready if (segment.job.ready_sequence or 0) > update.since]
        return cls(
            sequence=view.row.sequence,
            session=FocusSession.from_snapshot(view),
            new_segments=[FocusSegment.from_segment(segment) for segment in new],
        )


@strawberry.type
class FocusSubscriptions:
    """Mixed into Subscription."""

    @strawberry.subscription(
        description="The session now and at each change, whole; ends after its last state. Resume with `after`."
    )
    async def focus_session_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The session.")],  # noqa: A002
        after: Annotated[
            int | None, strawberry.argument(description="Sequence of the last state you saw; later ones follow.")
        ] = None,
    ) -> AsyncGenerator[FocusSessionUpdate, Any]:
        """See focus.watch."""
        async with aclosing(sessions.watch(info.context.ctx, id, after)) as updates:
            async for update in updates:
                info.context.renew(update.view.row.sequence)
                yield FocusSessionUpdate.from_update(update)
