"""Worker processes: their names in Redis, and the end of child processes together with their parent."""

import ctypes
import os
import signal
import socket
import sys
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

_KEY_PREFIX: Final = "rq:worker:"
"""RQ stores each worker's registration here; it expires after the last heartbeat."""

_REDIS_SECONDS: Final = 2.0
"""How long a call may take; a Redis that is frozen must not keep the supervisor from its deadline."""

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def worker_name(pid: int | None = None) -> str:
    """Return the name of a worker process on this machine, by default of the calling process."""
    return f"{socket.gethostname()}-{os.getpid() if pid is None else pid}"


def is_ready(address: str, pid: int) -> bool:
    """Return whether the worker process ``pid`` on this machine is registered in Redis and waits for jobs."""
    try:
        with Redis.from_url(address, socket_timeout=_REDIS_SECONDS) as connection:
            return bool(connection.exists(_KEY_PREFIX + worker_name(pid)))
    except RedisError:
        # the worker waits for Redis as well
        return False


def die_with_parent(parent: int, death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel signal this child when its parent ends. Works on Linux only; elsewhere poll ``os.getppid``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        os._exit(1)
