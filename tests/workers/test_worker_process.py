import os

from server.embedded import ports
from workers import worker_process


def test_a_worker_is_not_ready_while_redis_is_unreachable() -> None:
    assert not worker_process.is_ready(f"redis://127.0.0.1:{ports.find_free()}/0", os.getpid())
