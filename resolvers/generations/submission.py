"""What submitting a generation and starting a focus session share: idempotency keys and waking a worker."""

import hashlib
import logging
from collections.abc import Mapping

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, Unavailable
from resolvers.access.context import Queue
from storage.queries import idempotency
from storage.queries.idempotency import Row

log = logging.getLogger(__name__)


def fingerprint(request: Mapping[str, object]) -> str:
    """Return the SHA-256 of a request. A field that is null, false or empty counts as left out."""
    present = {name: value for name, value in request.items() if value not in (None, False, ())}
    return hashlib.sha256(orjson.dumps(present, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def find_earlier(session: AsyncSession, row: Row) -> Row | None:
    """Return the row that an earlier request created under the row's idempotency key.

    Raises Conflict when that request had another fingerprint.
    """
    earlier = await idempotency.find_earlier(session, row)
    if earlier is not None and earlier.fingerprint != row.fingerprint:
        raise Conflict("Idempotency key was used for another request")
    return earlier


async def insert(session: AsyncSession, row: Row) -> Row | None:
    """Insert the row and return None; return the earlier row when a concurrent request used the key first.

    Raises Conflict as ``find_earlier`` does.
    """
    return None if await idempotency.insert_new(session, row) else await find_earlier(session, row)


async def wake_worker(queue: Queue) -> None:
    """Wake a worker for a job that is committed. If the queue is unreachable, the recovery loop finds the job."""
    try:
        await queue.wake()
    except Unavailable as refusal:
        log.warning("worker not woken", extra={"reason": refusal.technical})
