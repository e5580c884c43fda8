"""Submitting, watching and taking back generations."""

import hashlib
import logging
import secrets
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Final, NoReturn

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from core import activity, clock, ids, jobs, logs
from core.errors import Conflict, InvalidInput, NotFound, Problem, Unavailable
from core.jobs import Mode, Status
from resolvers.access import queue_limits, validation
from resolvers.access.content_policy import Rule
from resolvers.access.context import Context
from resolvers.generations import engines
from resolvers.generations.commands import MAX_SEED, CreateGeneration
from resolvers.library import track_urls, tracks
from resolvers.organizations import outbox, spending
from storage.queries import by_id, generations, idempotency
from storage.queries.pagination import Position
from storage.redis.events import Event
from storage.tables import Generation, Track

log = logging.getLogger(__name__)

_LOOK_AGAIN_SECONDS: Final = 5.0
"""A watcher reads the row at least so often, should the feed be away."""


async def create(
    ctx: Context, organization_id: str, fields: Mapping[str, object], kind: type[CreateGeneration] = CreateGeneration
) -> tuple[Generation, bool]:
    """Accept a job; whether it is an earlier one under the same idempotency key stands beside it.

    Raises NotAMember, InvalidInput, Conflict (key used for another request), SpendCapExceeded, Unavailable.
    """
    ctx.member(organization_id)
    try:
        command = validation.read(kind, fields, ctx.services.engines)
    except InvalidInput:
        # refused anyway: every problem is told at once
        command = validation.read(kind, fields, ctx.services.engines, await _seed_problems(ctx, fields))
    row = _row(ctx, organization_id, command)
    async with ctx.services.database.transaction() as session:
        earlier = await _earlier(session, row)
        if earlier is None:
            if problems := await tracks.unreadable(session, ctx, "seed_track_id", command.seed_track_id):
                raise InvalidInput(problems)
            if row.status is not Status.REFUSED:
                await queue_limits.admit(session, ctx.services.settings.workers, organization_id)
                await spending.reserve(session, organization_id, row.cost_chf)
            if await idempotency.insert_new(session, row):
                await outbox.enqueue_event(session, row)
            else:
                earlier = await _earlier(session, row)
    if earlier is not None:
        return earlier, True
    if row.status is not Status.REFUSED:
        await _wake(ctx)
    await ctx.services.feed.publish(event(row))
    return row, False


async def find(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation | None:
    """A job of the caller's, in one or any of its organizations. Raises Unauthenticated, NotAMember."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    found = await by_id.load_generations(ctx.services.database, [generation_id], ctx.caller.user_id, scope)
    return found[0] if found else None


async def get(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation:
    """As ``find``, and raises NotFound."""
    return await find(ctx, generation_id, organization_id) or raise_not_found(generation_id)


async def find_with_track(
    ctx: Context, generation_id: str, organization_id: str
) -> tuple[Generation, Track | None] | None:
    """Return a job of the caller and its track, even a deleted one. Raises Unauthenticated, NotAMember."""
    caller = ctx.member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    found = await by_id.WHOLE_GENERATION.load(ctx.services.database, generation_id, caller.user_id, organization_id)
    return (found.generation, found.track) if found else None


async def get_with_playback_url(
    ctx: Context, generation_id: str, organization_id: str
) -> tuple[Generation, Track | None, str | None]:
    """Return a job of the caller; once it succeeded also its track and, unless that is deleted, a new signed URL.

    Raises Unauthenticated, NotAMember, NotFound.
    """
    caller = ctx.member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        raise_not_found(generation_id)
    found = await by_id.GENERATION_STATUS.load(ctx.services.database, generation_id, caller.user_id, organization_id)
    if found is None:
        raise_not_found(generation_id)
    if found.generation.status is not Status.SUCCEEDED or found.track is None:
        return found.generation, None, None
    if found.track.deleted_at is not None or found.master is None:
        return found.generation, found.track, None
    return found.generation, found.track, await track_urls.url(ctx, found.track, found.master)


async def owned(ctx: Context, generation_ids: Collection[str]) -> dict[str, Generation]:
    """Those of the jobs that are the caller's, by id. Raises Unauthenticated."""
    caller = ctx.caller
    named = [generation_id for generation_id in generation_ids if ids.is_a(ids.Kind.GENERATION, generation_id)]
    rows = await by_id.load_generations(ctx.services.database, named, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def list_(
    ctx: Context,
    organization_id: str,
    *,
    status: Status | None = None,
    limit: int,
    offset: int = 0,
    after: Position | None = None,
) -> Sequence[Generation]:
    """The caller's jobs, newest first. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await generations.page(
            session, organization_id, caller.user_id, status=status, limit=limit, offset=offset, after=after
        )


async def count(ctx: Context, organization_id: str, *, status: Status | None = None) -> int:
    """How many jobs the caller has. Raises NotAMember."""
    caller = ctx.member(organization_id)
    async with ctx.services.database.transaction() as session:
        return await generations.count(session, organization_id, caller.user_id, status=status)


async def cancel(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation:
    """Take a job back: a queued one ends at once, a running one at its next checkpoint, an ended one stays.

    Raises Unauthenticated, NotAMember, NotFound.
    """
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        raise_not_found(generation_id)
    async with ctx.services.database.transaction() as session:
        row = await generations.lock_owned(session, generation_id, ctx.caller.user_id, scope)
        if row is None:
            raise_not_found(generation_id)
        changed = await _flag(session, row)
        await outbox.enqueue_event(session, changed)
    if changed is None:
        return row
    await ctx.services.feed.publish(event(changed))
    return changed


async def watch(ctx: Context, generation_id: str, after: int | None = None) -> AsyncGenerator[Generation, None]:
    """The states of a job from now, or from behind event ``after``, until it ends. Raises NotFound."""
    async with ctx.services.feed.subscribe(generation_id) as subscription:
        row = await get(ctx, generation_id)
        seen = -1 if after is None else after
        for earlier in await ctx.services.feed.since(generation_id, seen) if after is not None else ():
            if seen < earlier.sequence < row.sequence:
                yield _snapshot(row, earlier)
                seen = earlier.sequence
        if row.sequence > seen or jobs.is_terminal(row.status):
            yield row
            seen = row.sequence
        while not jobs.is_terminal(row.status):
            news = await subscription.next(_LOOK_AGAIN_SECONDS)
            if news is not None and news.sequence <= seen:
                continue
            if news is not None and not jobs.is_terminal(Status(news.fields["status"])):
                row = _snapshot(row, news)
            else:
                row = await _looked_at(ctx, row)
            if row.sequence > seen:
                yield row
                seen = row.sequence


async def _looked_at(ctx: Context, row: Generation) -> Generation:
    """The row as it is now, or as it was while the database is away: who watches may wait. Raises NotFound."""
    try:
        return await get(ctx, row.id)
    except Unavailable as refusal:
        log.warning("watched job not read", extra={"reason": refusal.technical})
        return row


def event(row: Generation) -> Event:
    """What the feed tells of a job: all that may change while it is watched."""
    # what a focus session makes is told by the session
    feed = None if row.session_id else activity.feed_name(row.organization_id, row.user_id)
    return Event(row.id, row.sequence, {"status": row.status.value, "progress": row.progress, "stage": row.stage}, feed)


def raise_not_found(generation_id: str) -> NoReturn:
    """The one answer for a job that is missing or somebody else's."""
    raise NotFound("Music generation job", job_id=generation_id)


def _snapshot(row: Generation, news: Event) -> Generation:
    """The row as it was at an event; past states carry no end."""
    told = {**news.fields, "status": Status(news.fields["status"]), "sequence": news.sequence}
    return Generation(**{name: told.get(name, getattr(row, name)) for name in Generation.model_fields})


def _row(ctx: Context, organization_id: str, command: CreateGeneration) -> Generation:
    request = asdict(command)
    idempotency_key, fingerprint = request.pop("idempotency_key"), _fingerprint(request)
    request["seed"] = secrets.randbelow(MAX_SEED + 1) if request.get("seed") is None else request["seed"]
    rule = ctx.services.policy.broken([command.prompt, command.lyrics, command.title, *command.style_tags])
    verdict = {} if rule is None else _refused(rule)
    return Generation(
        id=ids.new(ids.Kind.GENERATION),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        trace_parent=logs.trace_parent.get(),
        cost_chf=engines.cost_chf(ctx.services.settings, command.engine, command.duration_seconds)
        if rule is None
        else Decimal(0),
        **{**request, **verdict, "style_tags": list(command.style_tags), "mode": Mode(command.mode)},
    )


def _fingerprint(request: Mapping[str, object]) -> str:
    """What makes two requests the same; a field that is left out is no difference."""
    said = {name: value for name, value in request.items() if value not in (None, False, ())}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _refused(rule: Rule) -> dict[str, object]:
    """A job that ends before it begins, and costs nothing."""
    return {"status": Status.REFUSED, "refusal_reason": rule.reason, "finished_at": clock.now()}


async def _earlier(session: AsyncSession, row: Generation) -> Generation | None:
    """The job that this request already made."""
    earlier = await idempotency.find_earlier(session, row)
    if earlier is not None and earlier.fingerprint != row.fingerprint:
        raise Conflict("Idempotency key was used for another request")
    return earlier


async def _seed_problems(ctx: Context, fields: Mapping[str, object]) -> list[Problem]:
    async with ctx.services.database.transaction() as session:
        return await tracks.unreadable(session, ctx, "seed_track_id", fields.get("seed_track_id"))


async def _flag(session: AsyncSession, row: Generation) -> Generation | None:
    if row.status is Status.QUEUED:
        return await generations.cancel_queued(session, row.id, clock.now())
    if row.status is Status.RUNNING:
        return await generations.request_cancel(session, row.id, clock.now())
    return None


async def _wake(ctx: Context) -> None:
    """The job is committed: should the queue be away, recovery finds it."""
    try:
        await ctx.services.queue.wake()
    except Unavailable as refusal:
        log.warning("no worker woken yet", extra={"reason": refusal.technical})
