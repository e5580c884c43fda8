"""Load over kept connections, in a process of its own: this file run alone, with a job as JSON on its input.

Each connection asks again as soon as it was answered, one prepared request after the other.
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
"""No bound on the number of answers."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What to send where, over how many connections, for how long; so many answers suffice."""

    port: int
    requests: list[str]
    connections: int
    seconds: float
    max_responses: int = NO_MAXIMUM


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came back. Times in milliseconds."""

    responses: int
    errors: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.responses / self.seconds


class _Line(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._head, self._left = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is none by its class
        self._transport = cast("asyncio.Transport", transport)

    def begin(self, run: "_Run") -> None:
        """Send the first request."""
        self._run = run
        self.ask()

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(_END)
            if end < 0:
                return
            length = _LENGTH.search(self._head, 0, end + 2)
            self._is_good = self._head.startswith(b"HTTP/1.1 2")
            self._left = (int(length[1]) if length else 0) - (len(self._head) - end - len(_END))
        if self._left <= 0:
            self._left, self._head = 0, b""
            self._run.note(time.perf_counter() - self._asked, is_good=self._is_good)
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.note_lost(exc)

    def ask(self) -> None:
        """Send the next request, or hang up when it is over."""
        if self._run.is_over():
            self._transport.abort()
            return
        self._asked = time.perf_counter()
        self._transport.write(next(self._requests))


class _Run:
    def __init__(self, job: LoadPlan) -> None:
        self._ends = time.perf_counter() + job.seconds
        self._most, self._open = job.max_responses, job.connections
        self.spent: list[float] = []
        self.refused = 0
        self.done = asyncio.get_running_loop().create_future()

    def is_over(self) -> bool:
        return len(self.spent) >= self._most or time.perf_counter() >= self._ends

    def note(self, seconds: float, *, is_good: bool) -> None:
        self.spent.append(seconds)
        self.refused += not is_good

    def note_lost(self, error: Exception | None) -> None:
        self._open -= 1
        if not self.is_over():
            self.done.set_exception(error or ConnectionError("the server closed a connection"))
        elif not self._open and not self.done.done():
            self.done.set_result(None)


async def run(job: LoadPlan) -> LoadResult:
    """Send, and tell how it went."""
    loop = asyncio.get_running_loop()
    encoded = [request.encode() for request in job.requests]
    waiting = [_Line(_turns(encoded, number / job.connections)) for number in range(job.connections)]
    for line in waiting:
        await loop.create_connection(lambda line=line: line, "127.0.0.1", job.port)  # type: ignore[misc]
    began, run = time.perf_counter(), _Run(job)
    for line in waiting:
        line.begin(run)
    await run.done
    seconds, spent = time.perf_counter() - began, sorted(run.spent)
    times = (1000 * spent[len(spent) * part // 100] for part in (50, 99))
    return LoadResult(len(spent), run.refused, seconds, *times)


def _turns(requests: list[bytes], part: float) -> Iterator[bytes]:
    """All of them over and over, from another place for each connection."""
    start = int(part * len(requests))
    return itertools.cycle(requests[start:] + requests[:start])


async def run_in_subprocess(job: LoadPlan) -> LoadResult:
    """As ``run``, in a process of its own."""
    words = [sys.executable, __file__]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    told, _ = await child.communicate(json.dumps(asdict(job)).encode())
    if child.returncode:
        raise RuntimeError("the load could not be made")
    return LoadResult(**json.loads(told))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(uvloop.run(run(LoadPlan(**json.load(sys.stdin)))))))
