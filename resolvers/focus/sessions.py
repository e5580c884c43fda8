"""Start, poll, watch, list and end focus sessions.

Polling and watching a session keep it alive: they advance its playback clock and schedule, and reserve the cost of, the
next segment if it is due. Finding and listing sessions do not.
"""

import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from core import clock, ids, logs
from core.errors import InvalidInput, NotFound, Problem
from core.focus import EndReason, SessionStatus
from resolvers.access.context import Context, Services
from resolvers.access.own_rows import OwnRows
from resolvers.access.validation import Unvalidated
from resolvers.focus import scheduling, snapshots
from resolvers.focus.commands import IdempotencyKey, StartFocusSession
from resolvers.focus.snapshots import Snapshot
from resolvers.generations import submission
from resolvers.generations.commands import MAX_SEED
from storage.queries import focus, owned
from storage.queries.pagination import Position
from storage.tables import FocusSession, Generation, Role

_POLL_SECONDS: Final = 15.0
"""How often a watched session is polled while no event arrives, so that it stays alive."""

_ROWS: Final = OwnRows(FocusSession, ids.Kind.FOCUS_SESSION, "Music focus session", "session_id", key_share=True)

count, lock, raise_not_found = _ROWS.count, _ROWS.lock, _ROWS.raise_not_found


@dataclass(frozen=True, slots=True)
class Update:
    """A session after a change; ``since`` is the sequence number of the state yielded before."""

    snapshot: Snapshot
    since: int


async def start(
    ctx: Context,
    organization_id: str,
    request: Unvalidated[StartFocusSession],
    idempotency_key: str | None = None,
) -> tuple[Snapshot, bool]:
    """Start a session and queue its first segment.

    The flag is true if the session was started earlier with the same idempotency key. Raises InvalidInput (also for a
    prompt that policy refuses), Conflict (key used for another request), SpendCapExceeded, Unavailable.
    """
    ctx.require_member(organization_id)
    key, problems = _validate_key(idempotency_key)
    command = request.validate(ctx.services.engines, problems)
    ctx.services.policy.require({"custom_prompt": command.custom_prompt})
    row = _build_row(ctx, organization_id, command, key)
    async with ctx.services.database.transaction() as session:
        earlier = await submission.find_earlier(session, row)
        if earlier is None:
            await submission.check_capacity(session, ctx.services.settings.workers, organization_id)
            earlier = await submission.insert(session, row)
            if earlier is None:
                await scheduling.insert_segment_job(session, ctx.services, row, None)
        snapshot = await snapshots.load_one(session, ctx.services.settings, earlier or row)
    if earlier is None:
        await submission.wake_worker(ctx.services.queue)
        await ctx.services.feed.publish(scheduling.session_event(row))
    return snapshot, earlier is not None


async def poll(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot | None:
    """Return a session of the caller, keep it alive and schedule its next segment if it is due."""
    try:
        return await poll_or_raise(ctx, session_id, organization_id)
    except NotFound:
        return None


async def poll_or_raise(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot:
    """As ``poll``, but raise NotFound instead of returning None."""
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await lock(ctx, session, session_id, scope)
        previous_sequence = row.sequence
        # listening schedules paid segments, which a viewer may not
        is_viewer = ctx.caller.roles[row.organization_id] is Role.VIEWER
        job = None if is_viewer else await scheduling.keep_alive(session, ctx.services, row, clock.now())
        snapshot = await snapshots.load_one(session, ctx.services.settings, row)
    await publish_changes(ctx.services, row, previous_sequence, job)
    return snapshot


async def find(ctx: Context, session_id: str) -> Snapshot | None:
    """Return a session of the caller without keeping it alive."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        row = await owned.lock(session, FocusSession, session_id, caller.user_id, caller.roles.keys(), key_share=True)
        return await snapshots.load_one(session, ctx.services.settings, row) if row else None


async def list_page(
    ctx: Context, organization_id: str, *, limit: int, after: Position | None = None
) -> Sequence[Snapshot]:
    """Return the caller's sessions, newest first, without keeping them alive."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        rows = await owned.page(session, FocusSession, organization_id, caller.user_id, limit=limit, after=after)
        return await snapshots.load(session, ctx.services.settings, rows)


async def end(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot:
    """End a session and cancel its segment in progress; ready segments stay. Ending an ended session changes nothing.

    Raises NotFound.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await lock(ctx, session, session_id, scope)
        previous_sequence = row.sequence
        if row.status is SessionStatus.ACTIVE:
            scheduling.end(row, SessionStatus.ENDED, EndReason.LISTENER, clock.now())
            if job := await focus.lock_segment_in_progress(session, row.id):
                await submission.cancel(session, job)
        snapshot = await snapshots.load_one(session, ctx.services.settings, row)
    await publish_changes(ctx.services, row, previous_sequence, None)
    return snapshot


async def watch(ctx: Context, session_id: str, after: int | None = None) -> AsyncGenerator[Update, None]:
    """Yield the current session, unless it has not changed since ``after``, and then every change until it ends.

    Polls the session and thus keeps it alive. Raises NotFound.
    """
    async with ctx.services.feed.subscribe(session_id) as subscription:
        seen = -1 if after is None else after
        while True:
            snapshot = await poll_or_raise(ctx, session_id)
            if snapshot.row.sequence > seen:
                yield Update(snapshot, seen)
                seen = snapshot.row.sequence
            if not snapshot.is_active:
                return
            await subscription.next(_POLL_SECONDS)


async def publish_changes(
    services: Services, row: FocusSession, previous_sequence: int, job: Generation | None
) -> None:
    """Wake a worker for a new job and publish a change of the session; call it after the commit."""
    if job is not None:
        logs.add_job(job.id)
        await submission.wake_worker(services.queue)
    if row.sequence > previous_sequence:
        await services.feed.publish(scheduling.session_event(row))


def _validate_key(idempotency_key: str | None) -> tuple[str | None, Sequence[Problem]]:
    try:
        return Unvalidated(IdempotencyKey, {"idempotency_key": idempotency_key}).validate().idempotency_key, ()
    except InvalidInput as refusal:
        return None, refusal.problems


def _build_row(
    ctx: Context, organization_id: str, command: StartFocusSession, idempotency_key: str | None
) -> FocusSession:
    request = asdict(command)
    fingerprint = submission.fingerprint(request)
    seed = request.pop("seed", None)
    return FocusSession(
        id=ids.new(ids.Kind.FOCUS_SESSION),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        prompt=request.pop("custom_prompt"),
        seed=secrets.randbelow(MAX_SEED + 1) if seed is None else seed,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        **request,
    )
