"""Accept generations: check and insert the jobs that callers submit at the same moment together.

Submissions of an organization exclude each other from the check of its spend caps to the commit. Those that arrive
while a transaction is in flight share the next one, with those of other organizations. A shared transaction waits for a
lock only briefly. If it fails, each of its organizations gets a transaction of its own, so that an error or a lock of
one fails no other and delays it by no more than that wait.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, Unavailable
from core.jobs import Status
from resolvers.access.context import Context
from resolvers.generations import sources, submission
from resolvers.library import tracks
from resolvers.organizations import outbox, spending
from storage.postgres import failures
from storage.postgres.database import Database
from storage.queries import owned
from storage.tables import Generation

log = logging.getLogger(__name__)

_MAX_JOBS: Final = 16
"""Jobs of an organization in one transaction."""

_MAX_ORGANIZATIONS: Final = 16
"""Organizations in one transaction."""

_LOCK_TIMEOUT_MS: Final = 100
"""How long a shared transaction waits for a lock: less than Postgres waits before it looks for deadlocks."""

Outcome = Generation | Exception
"""The earlier generation under the same idempotency key, or the exception to raise. An inserted job has none."""

_Outcomes = Mapping[str, Outcome]
"""By the id of the row."""


@dataclass(slots=True, eq=False)
class _Request:
    ctx: Context
    row: Generation


async def accept(ctx: Context, row: Generation) -> tuple[Generation, bool]:
    """Insert the row and return it; the flag is true for the earlier generation under the same idempotency key.

    Raises InvalidInput (seed track or source), Conflict (key used for another request), SpendCapExceeded, Unavailable.
    """
    batcher = ctx.services.database.fair_batcher(
        _accept_shared, _accept_apart, max_groups=_MAX_ORGANIZATIONS, max_size=_MAX_JOBS
    )
    request = _Request(ctx, row)
    outcome = await batcher.load(row.organization_id, request)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome or request.row, outcome is not None


async def _accept_shared(database: Database, groups: list[list[_Request]]) -> list[list[Outcome | None] | None]:
    """Accept the requests of organizations in one transaction; return None for one that needs its own."""
    # a user's key that occurs again must be looked up after its first use
    shared = [requests for requests in groups if len({_key(each.row) for each in requests}) == len(requests)]
    outcomes = await _try_together(database, list(chain.from_iterable(shared)))
    return [
        _in_order(outcomes, requests) if outcomes is not None and requests in shared else None for requests in groups
    ]


async def _try_together(database: Database, requests: Sequence[_Request]) -> _Outcomes | None:
    """Accept requests of several organizations; return None if that fails for a reason that one of them may have."""
    try:
        return await _accept_together(database, requests, _LOCK_TIMEOUT_MS)
    except Unavailable as refusal:
        if not failures.is_lock_conflict(refusal.__cause__ or refusal):
            raise
    except Exception as error:  # noqa: BLE001  raised again in the transaction of its organization
        log.info("submissions cannot share a transaction", extra={"reason": failures.reason(error)})
    return None


async def _accept_apart(database: Database, requests: list[_Request]) -> list[Outcome | None]:
    """Accept the requests of one organization apart from those of the others."""
    first: dict[tuple[str, str], _Request] = {}
    repeated = [each for each in requests if first.setdefault(_key(each.row), each) is not each]
    outcomes = dict(await _accept_first(database, list(first.values())))
    for each in repeated:
        outcomes |= await _accept_alone(database, each)
    return _in_order(outcomes, requests)


def _in_order(outcomes: _Outcomes, requests: Sequence[_Request]) -> list[Outcome | None]:
    return [outcomes.get(each.row.id) for each in requests]


async def _accept_first(database: Database, requests: Sequence[_Request]) -> _Outcomes:
    try:
        return await _accept_together(database, requests)
    except IntegrityError:
        # such as for a user who was erased meanwhile, which must not affect the others
        if len(requests) == 1:
            raise
        return {key: value for each in requests for key, value in (await _accept_alone(database, each)).items()}


async def _accept_alone(database: Database, request: _Request) -> _Outcomes:
    try:
        return await _accept_together(database, [request])
    except Exception as error:  # noqa: BLE001  raised in the caller of the request
        return {request.row.id: error}


async def _accept_together(
    database: Database, requests: Sequence[_Request], lock_timeout_ms: int | None = None
) -> _Outcomes:
    """Accept requests in one transaction."""
    outcomes: dict[str, Outcome] = {}
    async with database.transaction(lock_timeout_ms=lock_timeout_ms) as session:
        for step in (_find_earlier, _check_origins, _check_capacity, _reserve, _insert):
            undecided = [each for each in requests if each.row.id not in outcomes]
            outcomes |= await step(session, undecided) if undecided else {}
    return outcomes


def _key(row: Generation) -> tuple[str, str]:
    """Return the key of a request, which is unique in its organization."""
    return row.user_id, row.idempotency_key or row.id


async def _find_earlier(session: AsyncSession, requests: Sequence[_Request]) -> _Outcomes:
    return await submission.find_each_earlier(session, [each.row for each in requests])


async def _check_origins(session: AsyncSession, requests: Sequence[_Request]) -> _Outcomes:
    """Check the track that a job continues, or the audio that it is made from."""
    outcomes: dict[str, Outcome] = {}
    for each in requests:
        if each.row.source is not None:
            try:
                each.row = await sources.add_duration(session, each.ctx, each.row)
            except InvalidInput as refusal:
                outcomes[each.row.id] = refusal
        elif problems := await tracks.check_readable(session, each.ctx, "seed_track_id", each.row.seed_track_id):
            outcomes[each.row.id] = InvalidInput(problems)
    return outcomes


async def _check_capacity(session: AsyncSession, requests: Sequence[_Request]) -> _Outcomes:
    jobs = [each for each in requests if each.row.status is not Status.REFUSED]
    if not jobs:
        return {}
    limits = jobs[0].ctx.services.settings.workers
    refusals = await submission.check_each_capacity(session, limits, [each.row.organization_id for each in jobs])
    return {each.row.id: refusal for each, refusal in zip(jobs, refusals, strict=True) if refusal is not None}


async def _reserve(session: AsyncSession, requests: Sequence[_Request]) -> _Outcomes:
    # a refused job costs nothing
    refusals = await spending.reserve_each(
        session, [(each.row.organization_id, each.row.cost_chf) for each in requests]
    )
    return {each.row.id: refusal for each, refusal in zip(requests, refusals, strict=True) if refusal is not None}


async def _insert(session: AsyncSession, requests: Sequence[_Request]) -> _Outcomes:
    # in the order of keys, which are locked, and of organizations, whose spending is locked when it is counted
    rows = sorted((each.row for each in requests), key=lambda row: (row.organization_id, *_key(row)))
    inserted = await owned.insert_new(session, rows)
    for each in requests:
        if each.row.id in inserted:
            await outbox.enqueue_event(session, each.row)
    # another server process has used the key of the others meanwhile
    return await _find_earlier(session, [each for each in requests if each.row.id not in inserted])
