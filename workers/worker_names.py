"""Who is there: the names by which workers are known in Redis."""

import os
import socket
from typing import Final

from redis import Redis

_REGISTERED: Final = "rq:worker:"
"""Where RQ keeps a worker's record, which goes away with the worker's last heartbeat."""


def worker_name(pid: int | None = None) -> str:
    """The name of the worker process with this number on this machine; of the calling process if left out."""
    return f"{socket.gethostname()}-{os.getpid() if pid is None else pid}"


def is_ready(address: str, pid: int) -> bool:
    """Whether the worker process of this number, on this machine, waits for jobs."""
    with Redis.from_url(address) as connection:
        return bool(connection.exists(_REGISTERED + worker_name(pid)))
