"""The worker process: RQ's, taught to hand its job back when it is stopped and to take its child along when it dies."""

import logging
import os
import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Final

from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from core.settings import Settings
from workers import parent_death, scratch, worker_names
from workers.jobs import generation
from workers.loops import recovery
from workers.queues import RedisQueue

log = logging.getLogger(__name__)

_AGAIN_SECONDS: Final = 1.0


class StudioWorker(Worker):
    """One job at a time, each in a forked child that finds the engines loaded."""

    max_connection_wait_time = 2.0
    """RQ would wait up to a minute to see whether Redis is back."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  RQ's
        super().__init__(*arguments, **options)
        self._worker_pid = os.getpid()

    @property
    def is_stopping(self) -> bool:
        """Whether somebody has told it to stop."""
        return self._stop_requested

    def setup_work_horse_signals(self) -> None:
        """In the child: no job outlives its worker, and nobody's Ctrl-C reaches a rendering."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        self.die_with_worker()

    def die_with_worker(self) -> None:
        """In the child: end when the worker does."""
        parent_death.die_with_parent(self._worker_pid)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork, and tell the child at once if the word to stop came meanwhile."""
        super().fork_work_horse(job, queue)
        if self.is_stopping:
            self._signal_requeue()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """In the worker, when it is told to stop for the first time."""
        # first of all, for RQ's alarm clock may interrupt whatever follows
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def handle_warm_shutdown_request(self) -> None:
        """The running job goes back to the queue at its next checkpoint."""
        self._signal_requeue()

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """In the worker, when it is told again: a second SIGTERM is the first once more, a second Ctrl-C is serious."""
        if signum == signal.SIGTERM:
            self._signal_requeue()
        else:
            super().request_force_stop(signum, frame)

    def set_shutdown_requested_date(self) -> None:
        """Redis may be away, and the child is handing its job back."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    def set_current_job_working_time(self, current_job_working_time: float, pipeline: Pipeline | None = None) -> None:
        """Redis may be away: that is no reason to let a rendering die."""
        with suppress(RedisError):
            super().set_current_job_working_time(current_job_working_time, pipeline)

    def maintain_heartbeats(self, job: Job) -> None:
        """Likewise; and remind the child, should the word have been lost."""
        if self.is_stopping:
            self._signal_requeue()
        with suppress(RedisError):
            super().maintain_heartbeats(job)

    def _signal_requeue(self) -> None:
        # not to its process group: a child that was forked a moment ago is still in ours
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, generation.REQUEUE_SIGNAL)


def run(settings: Settings, worker_class: type[StudioWorker] = StudioWorker) -> None:
    """Work until told to stop."""
    if settings.redis_url is None:
        raise ValueError("a worker needs REDIS_URL")
    # a child that is not listening yet finds it waiting
    signal.pthread_sigmask(signal.SIG_BLOCK, {generation.REQUEUE_SIGNAL})
    with recovery.child_process(settings):
        generation.prepare()
        scratch.remove_abandoned(settings.workers.scratch_dir)
        queue = RedisQueue(settings.redis_url, settings.workers).rq_queue
        with suppress(StopRequested):
            while not _run_worker(worker_class, queue):
                time.sleep(_AGAIN_SECONDS)


def _run_worker(kind: type[StudioWorker], queue: Queue) -> bool:
    """Work until told to stop, or until Redis goes away under our feet; whether we were told."""
    worker = None
    try:
        # RQ's asks Redis before there is one
        worker = kind(
            [queue],
            name=worker_names.worker_name(),
            connection=queue.connection,
            serializer=JSONSerializer,
            job_monitoring_interval=5,
            worker_ttl=60,
        )
        # what is left of ourselves from before Redis went away
        queue.connection.delete(worker.key)
        worker.work(with_scheduler=False, logging_level=None)
    except RedisError as error:
        log.warning("Redis is away, trying again", extra={"error": type(error).__name__})
    return worker is not None and worker.is_stopping
