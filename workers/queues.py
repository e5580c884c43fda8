"""The queue: wake-ups for workers, as many as there are jobs. Postgres holds the jobs; losing the queue loses none."""

import asyncio
from functools import cached_property
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from core.batching import Batcher
from core.errors import Unavailable
from core.settings import WorkerSettings

QUEUE_NAME: Final = "generations"
_ENTRY_POINT: Final = "workers.jobs.generation.render"
_FAILURE_TTL_SECONDS: Final = 600


class RedisQueue:
    """See resolvers.access.context.Queue. A message names no job: who hears it asks Postgres whose turn it is."""

    def __init__(self, address: str, settings: WorkerSettings) -> None:
        self._settings = settings
        # jobs that are accepted at the same moment are told of together
        self._wakes = Batcher(self._wake_all)
        self._redis = Redis.from_url(address, socket_connect_timeout=2, socket_timeout=5)

    async def wake(self, times: int = 1) -> None:
        """See Queue."""
        try:
            await self._wakes.load(times)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    async def count_waiting(self) -> int:
        """How many messages no worker has heard yet. Raises Unavailable."""
        try:
            return await asyncio.to_thread(lambda: self.rq_queue.count)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    @cached_property
    def rq_queue(self) -> Queue:
        """The queue as RQ knows it."""
        return Queue(QUEUE_NAME, connection=self._redis, serializer=JSONSerializer)

    async def _wake_all(self, times: list[int]) -> list[None]:
        await asyncio.to_thread(self._wake, sum(times))
        return [None] * len(times)

    def _wake(self, times: int) -> None:
        message = Queue.prepare_data(
            _ENTRY_POINT, timeout=self._settings.job_seconds, result_ttl=0, failure_ttl=_FAILURE_TTL_SECONDS
        )
        self.rq_queue.enqueue_many([message] * times)
