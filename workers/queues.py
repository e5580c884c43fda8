"""The RQ queue: one wake-up message per job. Jobs are stored in Postgres; losing the queue loses no job."""

import asyncio
from functools import cached_property
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from core.batching import Batcher
from core.errors import Unavailable
from core.network.availability import Availability
from core.settings import WorkerSettings

QUEUE_NAME: Final = "generations"
_ENTRY_POINT: Final = "workers.jobs.generation.render"
_FAILURE_TTL_SECONDS: Final = 600
_TIMEOUT_SECONDS: Final = 5.0


class RedisQueue:
    """The queue that servers and recovery write. A message names no job: the worker claims the next one in Postgres."""

    def __init__(self, address: str, settings: WorkerSettings, availability: Availability | None = None) -> None:
        self._availability = availability or Availability("Redis")
        self._settings = settings
        # one round trip for all jobs that are accepted at the same moment
        self._wake_ups = Batcher(self._wake_all)
        self._redis = Redis.from_url(address, socket_connect_timeout=2, socket_timeout=_TIMEOUT_SECONDS)

    async def wake(self, times: int = 1) -> None:
        """Enqueue wake-ups. Raises Unavailable."""
        try:
            await self._wake_ups.load(times)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    async def count_waiting(self) -> int:
        """Return how many wake-ups no worker has received yet. Raises Unavailable."""
        try:
            async with self._availability.deadline(_TIMEOUT_SECONDS):
                return await asyncio.to_thread(lambda: self.rq_queue.count)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    async def count_received(self) -> int:
        """Return how many wake-ups workers have received and not finished. Raises Unavailable."""
        try:
            async with self._availability.deadline(_TIMEOUT_SECONDS):
                return await asyncio.to_thread(self._count_received)
        except (RedisError, OSError) as error:
            raise Unavailable("Job queue is not reachable") from error

    def _count_received(self) -> int:
        queue = self.rq_queue
        # without the cleanup of dead workers' entries that RQ's own count does
        started: int = queue.started_job_registry.get_job_count(cleanup=False)
        popped: int = self._redis.llen(queue.intermediate_queue_key)
        return started + popped

    def close(self) -> None:
        self._redis.close()

    @cached_property
    def rq_queue(self) -> Queue:
        return Queue(QUEUE_NAME, connection=self._redis, serializer=JSONSerializer)

    async def _wake_all(self, times: list[int]) -> list[None]:
        async with self._availability.deadline(_TIMEOUT_SECONDS):
            await asyncio.to_thread(self._enqueue, sum(times))
        return [None] * len(times)

    def _enqueue(self, count: int) -> None:
        message = Queue.prepare_data(
            _ENTRY_POINT, timeout=self._settings.job_seconds, result_ttl=0, failure_ttl=_FAILURE_TTL_SECONDS
        )
        self.rq_queue.enqueue_many([message] * count)
