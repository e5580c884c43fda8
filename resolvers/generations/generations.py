"""Create, read, list, watch and cancel generations."""

import logging
import secrets
from collections.abc import AsyncGenerator, Collection
from dataclasses import asdict
from decimal import Decimal
from typing import Final, NoReturn

from core import clock, ids, jobs, logs
from core.errors import InvalidInput, NotFound, Problem, Unavailable
from core.jobs import Status
from resolvers.access import own_rows
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import acceptance, callbacks, controls, engines, sources, submission
from resolvers.generations.commands import MAX_SEED, CreateGeneration
from resolvers.generations.generation_events import apply_event, generation_event
from resolvers.generations.sources import Source
from resolvers.library import track_urls, tracks
from resolvers.organizations import outbox, webhook_secrets
from storage.queries import by_id, generation_json, generations, owned
from storage.queries.json_templates import Template
from storage.queue import positions
from storage.queue.positions import QueuePosition
from storage.tables import Generation, Track

log = logging.getLogger(__name__)

_POLL_SECONDS: Final = 5.0
"""How often to read the row when no event arrives: the event log may be unreachable."""


async def create(ctx: Context, organization_id: str, request: Unvalidated[CreateGeneration]) -> tuple[Generation, bool]:
    """Queue a generation, or refuse it by policy; the flag is true for an earlier one under the same idempotency key.

    Raises InvalidInput, Conflict (key used for another request), SpendCapExceeded, Unavailable.
    """
    ctx.require_member(organization_id)
    row = _build_row(ctx, organization_id, await _validate(ctx, request))
    row, is_earlier = await acceptance.accept(ctx, row)
    logs.add_job(row.id)
    if is_earlier:
        return row, True
    if row.status is not Status.REFUSED:
        await submission.wake_worker(ctx.services.queue)
    await ctx.services.feed.publish(generation_event(row))
    return row, False


async def find(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation | None:
    """Return a generation of the caller, in one or any of its organizations."""
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    rows = await by_id.load_generations(ctx.services.database, [generation_id], ctx.caller.user_id, scope)
    return rows[0] if rows else None


async def get(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation:
    """As ``find``, but raise NotFound instead of returning None."""
    return await find(ctx, generation_id, organization_id) or raise_not_found(generation_id)


async def find_many(ctx: Context, generation_ids: Collection[str]) -> dict[str, Generation]:
    """Return those of the generations that are the caller's, by id."""
    caller = ctx.caller
    valid_ids = [generation_id for generation_id in generation_ids if ids.is_a(ids.Kind.GENERATION, generation_id)]
    rows = await by_id.load_generations(ctx.services.database, valid_ids, caller.user_id, caller.roles.keys())
    return {row.id: row for row in rows}


async def find_with_track(
    ctx: Context, generation_id: str, organization_id: str
) -> tuple[Generation, Track | None] | None:
    """Return a generation of the caller and its track, even a deleted one."""
    caller = ctx.require_member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    found = await by_id.WHOLE_GENERATION.load(ctx.services.database, generation_id, caller.user_id, organization_id)
    return (found.generation, found.track) if found else None


async def find_json(ctx: Context, generation_id: str, organization_id: str, template: Template) -> str | None:
    """Return a generation of the caller as JSON. It is empty if its values have to be written one by one."""
    caller = ctx.require_member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        return None
    database = ctx.services.database
    return await generation_json.load(database, template, generation_id, caller.user_id, organization_id)


async def get_with_playback_url(
    ctx: Context, generation_id: str, organization_id: str
) -> tuple[Generation, Track | None, str | None]:
    """Return a generation of the caller; if it succeeded, with its track and, unless deleted, a new signed URL.

    Of both rows only the columns of REST responses are read. Raises NotFound.
    """
    caller = ctx.require_member(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        raise_not_found(generation_id)
    found = await by_id.GENERATION_STATUS.load(ctx.services.database, generation_id, caller.user_id, organization_id)
    if found is None:
        raise_not_found(generation_id)
    row, track, master = found.generation, found.track, found.master
    if row.status is not Status.SUCCEEDED or track is None:
        return row, None, None
    if track.deleted_at is not None or master is None:
        return row, track, None
    return row, track, await track_urls.sign_url(ctx, track, master)


list_page = own_rows.for_member(generations.page)
"""Return the caller's generations, newest first."""


count = own_rows.for_member(generations.count)
"""Return how many generations ``list_page`` has in all."""


async def load_positions(ctx: Context, generation_ids: Collection[str]) -> dict[str, QueuePosition]:
    """Return the queue position of each generation that has not ended. The caller must own the generations."""
    limits = ctx.services.settings.engines.job_limits
    async with ctx.services.database.transaction() as session:
        return await positions.load_positions(session, generation_ids, limits)


async def watch(ctx: Context, generation_id: str, after: int | None = None) -> AsyncGenerator[Generation, None]:
    """Yield the current state of a generation, or all states after event ``after``, then every change until it ends.

    Raises NotFound.
    """
    async with ctx.services.feed.subscribe(generation_id) as subscription:
        row = await get(ctx, generation_id)
        seen = -1 if after is None else after
        for past in await ctx.services.feed.since(generation_id, seen) if after is not None else ():
            if seen < past.sequence < row.sequence:
                yield apply_event(row, past.sequence, past.fields)
                seen = past.sequence
        if row.sequence > seen or jobs.is_terminal(row.status):
            yield row
            seen = row.sequence
        while not jobs.is_terminal(row.status):
            event = await subscription.next(_POLL_SECONDS)
            if event is not None and event.sequence <= seen:
                continue
            if event is not None and not jobs.is_terminal(Status(event.fields["status"])):
                row = apply_event(row, event.sequence, event.fields)
            else:
                row = await _reload(ctx, row)
            if row.sequence > seen:
                yield row
                seen = row.sequence


async def cancel(ctx: Context, generation_id: str, organization_id: str | None = None) -> Generation:
    """Cancel a queued generation at once and a running one at its next checkpoint; one that has ended stays unchanged.

    Raises NotFound.
    """
    scope = ctx.scope(organization_id)
    if not ids.is_a(ids.Kind.GENERATION, generation_id):
        raise_not_found(generation_id)
    async with ctx.services.database.transaction() as session:
        is_listed = generations.is_listed()
        row = await owned.lock(session, Generation, generation_id, ctx.caller.user_id, scope, is_listed)
        if row is None:
            raise_not_found(generation_id)
        logs.add_job(row.id)
        changed = await submission.cancel(session, row)
        await outbox.enqueue_event(session, changed)
    if changed is None:
        return row
    if changed.next_step_at is not None:
        # no worker holds the job: the next one cancels it at its engine
        await submission.wake_worker(ctx.services.queue)
    await ctx.services.feed.publish(generation_event(changed))
    return changed


def raise_not_found(generation_id: str) -> NoReturn:
    """Refuse a generation that is missing or another user's; both get the same response."""
    raise NotFound("Music generation job", job_id=generation_id)


async def _validate(ctx: Context, request: Unvalidated[CreateGeneration]) -> CreateGeneration:
    problems = await callbacks.find_problems(ctx, request.fields)
    try:
        return request.validate(ctx.services.engines, problems)
    except InvalidInput:
        # the response lists every problem, also that of the seed track
        return request.validate(ctx.services.engines, [*problems, *await _seed_problems(ctx, request)])


async def _seed_problems(ctx: Context, request: Unvalidated[CreateGeneration]) -> list[Problem]:
    async with ctx.services.database.transaction() as session:
        return await tracks.check_readable(session, ctx, "seed_track_id", request.fields.get("seed_track_id"))


def _build_row(ctx: Context, organization_id: str, command: CreateGeneration) -> Generation:
    request = {name: value for name, value in asdict(command).items() if name in Generation.model_fields}
    request["controls"] = controls.to_json(command.to_controls())
    idempotency_key = request.pop("idempotency_key")
    fingerprint = submission.fingerprint(request)
    request |= _source_columns(command)
    seed = request.pop("seed", None)
    if request.get("callback_url"):
        request["callback_secret"] = request["callback_secret"] or webhook_secrets.create()
    return generations.ROWS.create(
        **{**request, "style_tags": list(command.style_tags)},
        id=ids.new(ids.Kind.GENERATION),
        organization_id=organization_id,
        user_id=ctx.caller.user_id,
        seed=secrets.randbelow(MAX_SEED + 1) if seed is None else seed,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        trace_parent=logs.trace_parent.get(),
        **_decide(ctx, command),
    )


def _decide(ctx: Context, command: CreateGeneration) -> dict[str, object]:
    """Return the columns of the decision whether policy refuses a generation, which then costs nothing."""
    rule = ctx.services.policy.find_broken_rule(command.texts())
    if rule is None:
        return {"cost_chf": engines.cost_chf(ctx.services.settings, command.engine, command.duration_seconds)}
    return {
        "status": Status.REFUSED,
        "refusal_reason": rule.reason,
        "finished_at": clock.now(),
        "cost_chf": Decimal(0),
    }


def _source_columns(command: CreateGeneration) -> dict[str, object]:
    """Return the columns of the source. A track that is the source is the seed track: the new one descends from it."""
    source: Source | None = getattr(command, "source", None)
    if source is None:
        return {}
    seed_track = {"seed_track_id": source.track_id} if source.track_id else {}
    return {"source": sources.to_json(source), "reference_audio_id": source.reference_audio_id, **seed_track}


async def _reload(ctx: Context, row: Generation) -> Generation:
    """Return the current row, or the last known one while the database is unreachable. Raises NotFound."""
    try:
        return await get(ctx, row.id)
    except Unavailable as refusal:
        log.warning("generation not reloaded; retrying", extra={"reason": refusal.technical})
        return row
