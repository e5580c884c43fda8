"""Change the controls of a running focus session."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, focus
from core.errors import Conflict, InvalidInput, Problem
from core.focus import Goal, SessionStatus
from core.jobs import Status
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.focus import scheduling, sessions, snapshots
from resolvers.focus.commands import SteerFocusSession
from resolvers.focus.snapshots import Snapshot
from storage.queries import focus as focus_rows
from storage.tables import FocusSession, Generation


@dataclass(frozen=True, slots=True)
class SteeringResult:
    """A session with new controls, the index of the first segment that has them, and the time until it plays."""

    snapshot: Snapshot
    from_index: int
    in_seconds: float


async def steer(ctx: Context, session_id: str, request: Unvalidated[SteerFocusSession]) -> SteeringResult:
    """Change the controls, keep the session alive and schedule its next segment if it is due.

    The controls apply from the next segment that is not rendering. Raises NotFound, InvalidInput, Conflict (the session
    has ended, or no segment is left).
    """
    scope = ctx.scope(None)
    async with ctx.services.database.transaction() as session:
        row = await sessions.lock(ctx, session, session_id, scope)
        previous_sequence = row.sequence
        for name, value in _changes(ctx, row, request).items():
            setattr(row, name, value)
        row.sequence += 1
        job = await scheduling.keep_alive(session, ctx.services, row, clock.now())
        in_progress = await focus_rows.lock_segment_in_progress(session, row.id)
        index = await _find_first_changeable(session, row, in_progress)
        if in_progress is not None and in_progress.status is Status.QUEUED:
            await scheduling.replan(session, ctx.services, row, in_progress)
            await session.flush()
        snapshot = await snapshots.load_one(session, ctx.services.settings, row)
    await sessions.publish_changes(ctx.services, row, previous_sequence, job)
    return SteeringResult(snapshot, index, max(snapshot.start_seconds(index) - snapshot.playhead_seconds, 0.0))


async def _find_first_changeable(session: AsyncSession, row: FocusSession, in_progress: Generation | None) -> int:
    """Return the index of the first segment that is not rendering. Raises Conflict if there is none."""
    if row.status is not SessionStatus.ACTIVE:
        raise Conflict("Focus session has ended")
    index = scheduling.next_index(await focus_rows.find_last_ready_segment(session, row.id))
    if in_progress is not None and in_progress.status is not Status.QUEUED:
        index += 1
    if index >= focus.total_segments(row.target_minutes):
        raise Conflict("Focus session has no segment left to change")
    return index


def _changes(ctx: Context, row: FocusSession, request: Unvalidated[SteerFocusSession]) -> dict[str, object]:
    changes = validation.changes(request.validate())
    if not changes:
        raise InvalidInput([Problem((), "Must contain at least one of intensity, divergence and prompt.")])
    prompt = changes.get("prompt")
    if "prompt" in changes and prompt is None and row.goal is Goal.CUSTOM_PROMPT:
        raise InvalidInput([Problem(("prompt",), "Must not be null in a session with the goal custom_prompt.")])
    ctx.services.policy.require({"prompt": prompt})
    return changes
