"""Accept generations: check and insert the jobs that callers of an organization submit at the same moment together.

Submissions of an organization exclude each other from the check of its spend caps to the commit. Those that arrive
while a transaction is in flight share the next one. Other organizations have transactions of their own, so that a lock
of one does not delay the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput
from core.jobs import Status
from resolvers.access.context import Context
from resolvers.generations import sources, submission
from resolvers.library import tracks
from resolvers.organizations import outbox, spending
from storage.postgres.database import Database
from storage.queries import owned
from storage.tables import Generation

_MAX_JOBS: Final = 16
"""Jobs of one transaction."""

Outcome = Generation | Exception
"""The earlier generation under the same idempotency key, or the exception to raise. An inserted job has none."""


@dataclass(frozen=True, slots=True)
class _Request:
    ctx: Context
    row: Generation

    @property
    def key(self) -> tuple[str, str]:
        return self.row.user_id, self.row.idempotency_key or self.row.id


async def accept(ctx: Context, row: Generation) -> Generation | None:
    """Insert the row and return None, or return the earlier generation under the same idempotency key.

    Raises InvalidInput (seed track or source), Conflict (key used for another request), SpendCapExceeded, Unavailable.
    """
    batcher = ctx.services.database.grouped_batcher(_accept_all, _MAX_JOBS)
    outcome = await batcher.load(row.organization_id, _Request(ctx, row))
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _accept_all(database: Database, requests: list[_Request]) -> list[Outcome | None]:
    """Accept requests of one organization. A user's key that occurs again is looked up after its first use."""
    first: dict[tuple[str, str], _Request] = {}
    repeated = [each for each in requests if first.setdefault(each.key, each) is not each]
    outcomes = dict(await _accept_together(database, list(first.values())))
    for each in repeated:
        outcomes |= await _accept_alone(database, each)
    return [outcomes.get(each.row.id) for each in requests]


async def _accept_together(database: Database, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    """Accept requests in one transaction; return the outcomes by the id of the row."""
    outcomes: dict[str, Outcome] = {}
    try:
        async with database.transaction() as session:
            for step in (_find_earlier, _check_origins, _check_capacity, _reserve, _insert):
                undecided = [each for each in requests if each.row.id not in outcomes]
                outcomes |= await step(session, undecided) if undecided else {}
    except IntegrityError:
        # such as for a user who was erased meanwhile, which must not affect the others
        if len(requests) == 1:
            raise
        return {key: value for each in requests for key, value in (await _accept_alone(database, each)).items()}
    return outcomes


async def _accept_alone(database: Database, request: _Request) -> Mapping[str, Outcome]:
    try:
        return await _accept_together(database, [request])
    except Exception as error:  # noqa: BLE001  raised in the caller of the request
        return {request.row.id: error}


async def _find_earlier(session: AsyncSession, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    return await submission.find_each_earlier(session, [each.row for each in requests])


async def _check_origins(session: AsyncSession, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    """Check the track that a job continues, or the audio that it is made from."""
    outcomes: dict[str, Outcome] = {}
    for each in requests:
        if each.row.source is not None:
            refusal = await sources.find_refusal(session, each.ctx, each.row)
            outcomes |= {each.row.id: refusal} if refusal else {}
        elif problems := await tracks.check_readable(session, each.ctx, "seed_track_id", each.row.seed_track_id):
            outcomes[each.row.id] = InvalidInput(problems)
    return outcomes


async def _check_capacity(session: AsyncSession, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    jobs = [each for each in requests if each.row.status is not Status.REFUSED]
    if not jobs:
        return {}
    limits, organization_id = jobs[0].ctx.services.settings.workers, jobs[0].row.organization_id
    capacity = await submission.count_capacity(session, limits, organization_id, len(jobs))
    return {each.row.id: submission.queue_full() for each in jobs[max(capacity, 0) :]}


async def _reserve(session: AsyncSession, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    # a refused job costs nothing
    costs = [each.row.cost_chf for each in requests]
    refusals = await spending.reserve_each(session, requests[0].row.organization_id, costs)
    return {each.row.id: refusal for each, refusal in zip(requests, refusals, strict=True) if refusal is not None}


async def _insert(session: AsyncSession, requests: Sequence[_Request]) -> Mapping[str, Outcome]:
    inserted = await owned.insert_new(session, [each.row for each in requests])
    for each in requests:
        if each.row.id in inserted:
            await outbox.enqueue_event(session, each.row)
    # another server process has used the key of the others meanwhile
    return await _find_earlier(session, [each for each in requests if each.row.id not in inserted])
