"""Focus sessions: started, listened to, ended."""

import secrets
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NoReturn

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock, ids
from core.errors import InvalidInput, NotFound, Problem
from core.focus import SessionStatus
from core.playback_clock import EndReason
from resolvers.access import queue_limits, validation
from resolvers.access.context import Context, Services
from resolvers.access.validation import Unvalidated
from resolvers.focus import scheduling, snapshots
from resolvers.focus.commands import IdempotencyKey, StartFocusSession
from resolvers.focus.snapshots import Snapshot
from resolvers.generations import submission
from resolvers.generations.commands import MAX_SEED
from storage.queries import focus as sessions
from storage.queries import generations
from storage.queries.pagination import Position
from storage.tables import FocusSession, Generation

_LOOK_AGAIN_SECONDS: Final = 15.0
"""Somebody who watches is there: their session is told so at least so often."""


@dataclass(frozen=True, slots=True)
class Update:
    """A session as it stands, for somebody who knows it up to the change ``since``."""

    snapshot: Snapshot
    since: int


async def start(
    ctx: Context,
    organization_id: str,
    request: Unvalidated[StartFocusSession],
    idempotency_key: str | None = None,
) -> tuple[Snapshot, bool]:
    """Begin a session at once; whether it is an earlier one under the same idempotency key stands beside it.

    Raises NotAMember, InvalidInput (also for a prompt that policy refuses), Conflict, SpendCapExceeded, Unavailable.
    """
    ctx.require_member(organization_id)
    key, known = _key(idempotency_key)
    command = request.validate(ctx.services.engines, known)
    check_policy(ctx, "custom_prompt", command.custom_prompt)
    row = _row(ctx, organization_id, command, key)
    async with ctx.services.database.transaction() as session:
        earlier = await submission.find_earlier(session, row)
        if earlier is None:
            await queue_limits.check_capacity(session, ctx.services.settings.workers, organization_id)
            earlier = await submission.insert(session, row)
            if earlier is None:
                await scheduling.insert_segment_job(session, ctx.services, row, None)
        [view] = await snapshots.load(session, ctx.services.settings, [earlier or row])
    if earlier is None:
        await submission.wake_worker(ctx.services.queue)
        await ctx.services.feed.publish(scheduling.session_event(row))
    return view, earlier is not None


async def poll(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot | None:
    """A session of the caller's, who listens to it by asking. Raises Unauthenticated, NotAMember."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.FOCUS_SESSION, session_id):
        return None
    async with ctx.services.database.transaction() as session:
        row = await sessions.lock_owned(session, session_id, ctx.caller.user_id, scope)
        if row is None:
            return None
        before = row.sequence
        job = await scheduling.keep_alive(session, ctx.services, row, clock.now())
        [view] = await snapshots.load(session, ctx.services.settings, [row])
    await publish_changes(ctx.services, row, before, job)
    return view


async def find(ctx: Context, session_id: str) -> Snapshot | None:
    """A session of the caller's as it stands; to look is not to listen. Raises Unauthenticated."""
    caller = ctx.caller
    async with ctx.services.database.transaction() as session:
        row = await sessions.lock_owned(session, session_id, caller.user_id, caller.roles.keys())
        return (await snapshots.load(session, ctx.services.settings, [row]))[0] if row else None


async def poll_or_raise(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot:
    """As ``find``, and raises NotFound."""
    return await poll(ctx, session_id, organization_id) or raise_not_found(session_id)


async def list_page(
    ctx: Context, organization_id: str, *, limit: int, after: Position | None = None
) -> Sequence[Snapshot]:
    """The caller's sessions, newest first; to list them is not to listen. Raises NotAMember."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        rows = await sessions.page(session, organization_id, caller.user_id, limit=limit, after=after)
        return await snapshots.load(session, ctx.services.settings, rows)


async def count(ctx: Context, organization_id: str) -> int:
    """How many sessions the caller has. Raises NotAMember."""
    caller = ctx.require_member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await sessions.count(session, organization_id, caller.user_id)


async def end(ctx: Context, session_id: str, organization_id: str | None = None) -> Snapshot:
    """Let nothing new be made; what is ready stays, what is being made is dropped. Again, it stays as it is.

    Raises Unauthenticated, NotAMember, NotFound.
    """
    scope = ctx.scope(organization_id)
    async with ctx.services.database.transaction() as session:
        row = await lock(ctx, session, session_id, scope)
        before = row.sequence
        if row.status is SessionStatus.ACTIVE:
            scheduling.end(row, SessionStatus.ENDED, EndReason.LISTENER, clock.now())
            await _drop(session, await sessions.lock_segment_in_progress(session, row.id))
        [view] = await snapshots.load(session, ctx.services.settings, [row])
    await publish_changes(ctx.services, row, before, None)
    return view


async def watch(ctx: Context, session_id: str, after: int | None = None) -> AsyncGenerator[Update, None]:
    """The session as it stands if it changed since ``after``, then at each change, until it ends. Raises NotFound."""
    async with ctx.services.feed.subscribe(session_id) as subscription:
        seen = -1 if after is None else after
        while True:
            view = await poll_or_raise(ctx, session_id)
            if view.row.sequence > seen:
                yield Update(view, seen)
                seen = view.row.sequence
            if not view.is_active:
                return
            await subscription.next(_LOOK_AGAIN_SECONDS)


async def publish_changes(services: Services, row: FocusSession, before: int, job: Generation | None) -> None:
    """After the commit: wake a worker for a new job, tell watchers of a change."""
    if job is not None:
        await submission.wake_worker(services.queue)
    if row.sequence > before:
        await services.feed.publish(scheduling.session_event(row))


def raise_not_found(session_id: str) -> NoReturn:
    """The one answer for a session that is missing or somebody else's."""
    raise NotFound("Music focus session", session_id=session_id)


async def lock(ctx: Context, session: AsyncSession, session_id: str, scope: Collection[str]) -> FocusSession:
    """A session of the caller's, held to the end. Raises NotFound."""
    if not ids.is_a(ids.Kind.FOCUS_SESSION, session_id):
        raise_not_found(session_id)
    return await sessions.lock_owned(session, session_id, ctx.caller.user_id, scope) or raise_not_found(session_id)


async def _drop(session: AsyncSession, job: Generation | None) -> None:
    if job is None:
        return
    if await generations.cancel_queued(session, job.id, clock.now()) is None:
        await generations.request_cancel(session, job.id, clock.now())


def check_policy(ctx: Context, field: str, text: str | None) -> None:
    """Raise InvalidInput for what policy refuses. A session has no state for that: the reason stands in the problem."""
    rule = ctx.services.policy.find_broken_rule([text])
    if rule is not None:
        raise InvalidInput([Problem((field,), rule.reason)])


def _key(idempotency_key: str | None) -> tuple[str | None, Sequence[Problem]]:
    """The key, or what is wrong with it."""
    try:
        return validation.validate(IdempotencyKey, {"idempotency_key": idempotency_key}).idempotency_key, ()
    except InvalidInput as refusal:
        return None, refusal.problems


def _row(ctx: Context, organization_id: str, command: StartFocusSession, idempotency_key: str | None) -> FocusSession:
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
