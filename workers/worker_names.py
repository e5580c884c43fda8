"""Names under which workers are registered in Redis."""

import os
import socket
from typing import Final

from redis import Redis

_KEY_PREFIX: Final = "rq:worker:"
"""RQ stores each worker's registration here; it expires after the last heartbeat."""


def worker_name(pid: int | None = None) -> str:
    """Return the name of a worker process on this machine, by default of the calling process."""
    return f"{socket.gethostname()}-{os.getpid() if pid is None else pid}"


def is_ready(address: str, pid: int) -> bool:
    """Return whether the worker process ``pid`` on this machine is registered and waits for jobs."""
    with Redis.from_url(address) as connection:
        return bool(connection.exists(_KEY_PREFIX + worker_name(pid)))
