"""Steering a focus session while it plays."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, focus
from core.errors import Conflict, InvalidInput, Problem
from core.focus import Goal, SessionStatus
from core.jobs import Status
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import scheduling, snapshots
from resolvers.focus import sessions as use_cases
from resolvers.focus.commands import SteerFocusSession
from resolvers.focus.snapshots import Snapshot
from storage.queries import focus as sessions
from storage.tables import FocusSession, Generation


@dataclass(frozen=True, slots=True)
class SteeringResult:
    """A session with new controls, the first segment that has them, and in how many seconds it will be heard."""

    snapshot: Snapshot
    from_index: int
    in_seconds: float


async def steer(ctx: Context, session_id: str, request: Unvalidated[SteerFocusSession]) -> SteeringResult:
    """Change the controls from the next segment on that no worker has begun.

    Raises Unauthenticated, NotFound, InvalidInput, Conflict when nothing is left to change.
    """
    scope = ctx.scope(None)
    async with ctx.services.database.transaction() as session:
        row = await use_cases.lock(ctx, session, session_id, scope)
        before = row.sequence
        for name, value in _changes(ctx, row, request).items():
            setattr(row, name, value)
        row.sequence += 1
        job = await scheduling.keep_alive(session, ctx.services, row, clock.now())
        held = await sessions.lock_segment_in_progress(session, row.id)
        index = await _first_open(session, row, held)
        if held is not None and held.status is Status.QUEUED:
            await scheduling.replan(session, ctx.services, row, held)
            await session.flush()
        [view] = await snapshots.load(session, ctx.services.settings, [row])
    await use_cases.publish_changes(ctx.services, row, before, job)
    return SteeringResult(view, index, max(view.start_seconds(index) - view.playhead_seconds, 0.0))


async def _first_open(session: AsyncSession, row: FocusSession, held: Generation | None) -> int:
    """The first segment that can still be changed. Raises Conflict when there is none."""
    if row.status is not SessionStatus.ACTIVE:
        raise Conflict("Focus session has ended")
    made = await sessions.find_last_ready_segment(session, row.id)
    index = scheduling.next_index(made)
    if held is not None and held.status is not Status.QUEUED:
        index += 1
    if index >= focus.total_segments(row.target_minutes):
        raise Conflict("Focus session has no segment left to change")
    return index


def _changes(ctx: Context, row: FocusSession, request: Unvalidated[SteerFocusSession]) -> dict[str, object]:
    changes = validation.changes(request.validate())
    if not changes:
        raise InvalidInput([Problem((), "Name at least one of intensity, divergence and prompt.")])
    prompt = changes.get("prompt")
    if "prompt" in changes and prompt is None and row.goal is Goal.CUSTOM_PROMPT:
        raise InvalidInput([Problem(("prompt",), "A session with the goal custom_prompt needs a prompt.")])
    use_cases.check_policy(ctx, "prompt", prompt)
    return changes
