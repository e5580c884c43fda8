"""The worker process: an RQ worker that requeues its job on shutdown and kills its child when it dies."""

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from core.settings import Settings
from workers import prefork, scratch, worker_process
from workers.jobs import generation, job_process
from workers.loops import recovery
from workers.prefork import WaitingChild
from workers.queues import RedisQueue

log = logging.getLogger(__name__)

_RECONNECT_SECONDS: Final = 1.0
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

_IDLE_SECONDS: Final = 0.1
"""How long a child waits before it connects: a job that is queued already comes sooner, and connects when it must."""

_REFRESH_SECONDS: Final = 60.0
"""How long a waiting child keeps a connection, shorter than the idle timeouts of firewalls and poolers."""


class StudioWorker(Worker):
    """Runs one job at a time, each in a forked child ("work horse") that inherits the loaded engines."""

    max_connection_wait_time = 2.0
    """RQ's default waits up to a minute between attempts to reconnect to Redis."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  RQ's
        super().__init__(*arguments, **options)
        self._worker_pid = os.getpid()
        self._next_child: WaitingChild | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stop_requested

    def setup_work_horse_signals(self) -> None:
        """In the child: ignore Ctrl-C (RQ does that) and die with the worker."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        self.die_with_worker()

    def die_with_worker(self) -> None:
        worker_process.die_with_parent(self._worker_pid)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Fork the child of the next job, then wait for that job."""
        if self._next_child is None:
            with _stop_signals_held():
                self._next_child = prefork.fork(self._run_child)
        return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:  # noqa: ARG002  RQ's signature
        """Send the job to the waiting child, and signal it at once if shutdown was requested meanwhile."""
        child, self._next_child = self._next_child, None
        if child is None or not self._send(child, job):
            # the child was killed while it waited
            with _stop_signals_held():
                child = prefork.fork(self._run_child)
            self._send(child, job)
        if self.is_stopping:
            self._signal_requeue()

    def _send(self, child: WaitingChild, job: Job) -> bool:
        assert self.execution is not None  # noqa: S101  set by RQ before
        # first, so that a second Ctrl-C kills it
        self._horse_pid = child.pid
        return child.send({"job": job.id, "execution": self.execution.id})

    def _run_child(self, pipe: int) -> None:
        """In the child: connect to the services, wait for the job and run it."""
        os.setpgrp()
        self.setup_work_horse_signals()
        message = prefork.receive(pipe, self._connect, _IDLE_SECONDS, _REFRESH_SECONDS)
        job = self.job_class.fetch(message["job"], self.connection, self.serializer)
        self.execution = Execution(message["execution"], job.id, self.connection, self.name)
        self.main_work_horse(job, self.queues[0])

    def _connect(self) -> None:
        """In the child: open new connections, because a firewall or a pooler may drop idle ones."""
        job_process.current().warm_up()
        self.connection.connection_pool.disconnect()
        with suppress(RedisError):
            self.connection.ping()

    def teardown(self) -> None:
        """End the waiting child, which has no job."""
        if self._next_child is not None:
            self._next_child.kill()
            self._next_child = None
        super().teardown()  # type: ignore[no-untyped-call]

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        # set this first: RQ's alarm may interrupt what follows
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def handle_warm_shutdown_request(self) -> None:
        """Have the running job requeued at its next checkpoint."""
        self._signal_requeue()

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """Handle later signals: SIGTERM repeats the request, a second Ctrl-C kills the job."""
        if signum == signal.SIGTERM:
            self._signal_requeue()
        else:
            super().request_force_stop(signum, frame)

    # The three overrides below keep a job running while Redis is unreachable.

    def set_shutdown_requested_date(self) -> None:
        with suppress(RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    def set_current_job_working_time(self, current_job_working_time: float, pipeline: Pipeline | None = None) -> None:
        with suppress(RedisError):
            super().set_current_job_working_time(current_job_working_time, pipeline)

    def maintain_heartbeats(self, job: Job) -> None:
        """Renew RQ's heartbeats, and repeat the requeue signal in case the child missed it."""
        if self.is_stopping:
            self._signal_requeue()
        with suppress(RedisError):
            super().maintain_heartbeats(job)

    def _signal_requeue(self) -> None:
        # not to the process group: a child that was just forked still belongs to the worker's own
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, generation.REQUEUE_SIGNAL)


@contextmanager
def _stop_signals_held() -> Iterator[None]:
    """Handle the signals that stop a worker after a fork: Python would lose an exception that is raised during it.

    To block them would hold them in one thread only.
    """
    received: list[int] = []
    handlers = {each: signal.signal(each, lambda number, _: received.append(number)) for each in _STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    for number in received:
        signal.raise_signal(number)


def run(settings: Settings, worker_class: type[StudioWorker] = StudioWorker) -> None:
    """Run a worker until it is signalled to stop."""
    if settings.redis_url is None:
        raise ValueError("a worker needs REDIS_URL")
    # the signal stays pending in a child that has not installed its handler yet
    signal.pthread_sigmask(signal.SIG_BLOCK, {generation.REQUEUE_SIGNAL})
    with recovery.child_process(settings):
        job_process.prepare()
        scratch.remove_abandoned(settings.workers.scratch_dir)
        queue = RedisQueue(settings.redis_url, settings.workers).rq_queue
        with suppress(StopRequested):
            while not _run_worker(worker_class, queue):
                time.sleep(_RECONNECT_SECONDS)


def _run_worker(worker_class: type[StudioWorker], queue: Queue) -> bool:
    """Run until shutdown is requested (True) or the connection to Redis is lost (False)."""
    worker = None
    try:
        # inside the try block: the constructor already queries Redis
        worker = worker_class(
            [queue],
            name=worker_process.worker_name(),
            connection=queue.connection,
            serializer=JSONSerializer,
            job_monitoring_interval=5,
            worker_ttl=60,
        )
        # remove the registration from before the connection was lost
        queue.connection.delete(worker.key)
        worker.work(with_scheduler=False, logging_level=None)
    except RedisError as error:
        log.warning("Redis is unreachable; reconnecting", extra={"error": type(error).__name__})
    return worker is not None and worker.is_stopping
