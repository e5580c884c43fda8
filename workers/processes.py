"""The worker process: RQ's, taught to hand its job back when it is stopped and to take its child along when it dies."""

import ctypes
import os
import signal
import sys
from typing import Final

from rq import Worker
from rq.serializers import JSONSerializer

from core.settings import Settings
from workers import generations, presence
from workers.queues import RedisQueue

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class StudioWorker(Worker):
    """One job at a time, each in a forked child that finds the engines loaded."""

    def setup_work_horse_signals(self) -> None:
        """In the child: no job outlives its worker, and nobody's Ctrl-C reaches a rendering."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        signal.signal(generations.HAND_BACK, signal.SIG_IGN)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() == 1:
                os._exit(1)

    def handle_warm_shutdown_request(self) -> None:
        """In the worker, when it is told to stop: the running job goes back to the queue at its next checkpoint."""
        if self.horse_pid:
            self.kill_horse(generations.HAND_BACK)


def run(settings: Settings) -> None:
    """Work until told to stop."""
    if settings.redis_url is None:
        raise ValueError("a worker needs REDIS_URL")
    for card in generations.registry().cards:
        generations.registry().load(card.key)
    queue = RedisQueue(settings.redis_url, settings.workers).rq
    worker = StudioWorker(
        [queue],
        name=presence.name(),
        connection=queue.connection,
        serializer=JSONSerializer,
        job_monitoring_interval=5,
        worker_ttl=60,
    )
    worker.work(with_scheduler=False, logging_level=None)
