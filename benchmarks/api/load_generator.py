"""Closed-loop HTTP load generator; also a script that reads a LoadPlan as JSON from standard input.

Each connection sends its next prepared request as soon as it has received a response.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Final, cast

import uvloop

_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_END: Final = b"\r\n\r\n"
NO_MAXIMUM: Final = 2**31
"""No maximum number of responses."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """The load: prepared requests, sent until ``seconds`` have passed or ``max_responses`` were received."""

    port: int
    requests: list[str]
    connections: int
    seconds: float
    max_responses: int = NO_MAXIMUM


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The responses of a load and their latencies."""

    responses: int
    errors: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.responses / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._head, self._remaining = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport does not inherit from asyncio.Transport
        self._transport = cast("asyncio.Transport", transport)

    def begin(self, run: "_Run") -> None:
        self._run = run
        self.send_next()

    def data_received(self, data: bytes) -> None:
        if self._remaining:
            self._remaining -= len(data)
        else:
            self._head += data
            end = self._head.find(_END)
            if end < 0:
                return
            length = _LENGTH.search(self._head, 0, end + 2)
            self._is_success = self._head.startswith(b"HTTP/1.1 2")
            self._remaining = (int(length[1]) if length else 0) - (len(self._head) - end - len(_END))
        if self._remaining <= 0:
            self._remaining, self._head = 0, b""
            self._run.record(time.perf_counter() - self._sent_at, is_success=self._is_success)
            self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.record_closed(exc)

    def send_next(self) -> None:
        """Send the next request, or close the connection at the end of the load."""
        if self._run.is_over():
            self._transport.abort()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))


class _Run:
    def __init__(self, plan: LoadPlan) -> None:
        self._ends_at = time.perf_counter() + plan.seconds
        self._max_responses, self._open = plan.max_responses, plan.connections
        self.latencies: list[float] = []
        self.errors = 0
        self.done = asyncio.get_running_loop().create_future()

    def is_over(self) -> bool:
        return len(self.latencies) >= self._max_responses or time.perf_counter() >= self._ends_at

    def record(self, seconds: float, *, is_success: bool) -> None:
        self.latencies.append(seconds)
        self.errors += not is_success

    def record_closed(self, error: Exception | None) -> None:
        self._open -= 1
        if not self.is_over():
            self.done.set_exception(error or ConnectionError("the server closed a connection"))
        elif not self._open and not self.done.done():
            self.done.set_result(None)


async def run(plan: LoadPlan) -> LoadResult:
    """Generate the load in this process."""
    loop = asyncio.get_running_loop()
    encoded = [request.encode() for request in plan.requests]
    connections = [_Connection(_cycle(encoded, number / plan.connections)) for number in range(plan.connections)]
    for connection in connections:
        await loop.create_connection(lambda connection=connection: connection, "127.0.0.1", plan.port)  # type: ignore[misc]
    started_at, run = time.perf_counter(), _Run(plan)
    for connection in connections:
        connection.begin(run)
    await run.done
    seconds, latencies = time.perf_counter() - started_at, sorted(run.latencies)
    times = (1000 * latencies[len(latencies) * percentile // 100] for percentile in (50, 99))
    return LoadResult(len(latencies), run.errors, seconds, *times)


def _cycle(requests: list[bytes], offset: float) -> Iterator[bytes]:
    """Repeat all requests endlessly, from a different position for each connection."""
    start = int(offset * len(requests))
    return itertools.cycle(requests[start:] + requests[:start])


async def run_in_subprocess(plan: LoadPlan) -> LoadResult:
    """Generate the load in a process of its own."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, stdin=pipe, stdout=pipe)
    output, _ = await child.communicate(json.dumps(asdict(plan)).encode())
    if child.returncode:
        raise RuntimeError("the load generator failed")
    return LoadResult(**json.loads(output))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(uvloop.run(run(LoadPlan(**json.load(sys.stdin)))))))
