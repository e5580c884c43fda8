"""The queue: a wake-up for jobs that Postgres holds. Losing it loses no job."""

import asyncio
from functools import cached_property
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from core.errors import Unavailable
from core.settings import WorkerSettings

NAME: Final = "generations"
_ENTRY: Final = "workers.generations.render"
_KEPT_SECONDS: Final = 3600


class RedisQueue:
    """See resolvers.context.Queue. The job id names the claim that it asks for."""

    def __init__(self, address: str, settings: WorkerSettings) -> None:
        self._settings = settings
        self._redis = Redis.from_url(address, socket_connect_timeout=2, socket_timeout=5)

    async def enqueue(self, generation_id: str, fence: int) -> None:
        """See Queue."""
        try:
            await asyncio.to_thread(self._enqueue, _job_id(generation_id, fence), generation_id)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    async def knows(self, generation_id: str, fence: int) -> bool:
        """Whether this claim was asked for already. Raises Unavailable."""
        try:
            return await asyncio.to_thread(Job.exists, _job_id(generation_id, fence), self._redis)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    @cached_property
    def rq(self) -> Queue:
        """The queue as RQ knows it."""
        return Queue(NAME, connection=self._redis, serializer=JSONSerializer)

    def _enqueue(self, job_id: str, generation_id: str) -> None:
        self.rq.enqueue_call(
            _ENTRY,
            args=(generation_id,),
            job_id=job_id,
            timeout=self._settings.job_seconds,
            result_ttl=0,
            failure_ttl=_KEPT_SECONDS,
        )


def _job_id(generation_id: str, fence: int) -> str:
    return f"{generation_id}-{fence}"
