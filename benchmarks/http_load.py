"""A few connections that ask the same again and again over kept-alive HTTP, from a process of its own."""

import multiprocessing
import select
import socket
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import psutil

_HEAD: Final = b"\r\n\r\n"
_FEWEST: Final = 200
_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was answered, and what it cost the server."""

    count: int
    rate: float
    first_ms_p50: float
    first_ms_p99: float
    cpu_ms: float


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    asked_at: float = 0.0
    left: int = 0
    head: bytes = b""


def measure(
    url: str, server: psutil.Process, seconds: float, connections: int = 32, headers: str = "", body: str | None = None
) -> LoadResult:
    """Ask for so long, by POST if there is a body. Raises ValueError when an answer is not one of success."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    before = _spent(server)
    child = context.Process(target=_ask, args=(url, headers, body, seconds, connections, far), daemon=True)
    child.start()
    near.recv()
    began, before = time.monotonic(), _spent(server)
    near.send("go")
    firsts: list[float] | str = near.recv()
    spent, took = _spent(server) - before, time.monotonic() - began
    child.join()
    if isinstance(firsts, str):
        raise ValueError(firsts)  # noqa: TRY004  it is what the server said
    delays = np.array(firsts) * 1000
    return LoadResult(
        len(firsts),
        len(firsts) / took,
        float(np.percentile(delays, 50)),
        float(np.percentile(delays, 99)),
        spent / len(firsts) * 1000,
    )


def _spent(server: psutil.Process) -> float:
    times = server.cpu_times()
    return times.user + times.system


def _ask(url: str, headers: str, body: str | None, seconds: float, connections: int, pipe: Connection) -> None:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if body is not None:
        headers += f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
    method = "GET" if body is None else "POST"
    asking = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n{body or ''}".encode()
    lines = {}
    poll = select.epoll()
    for _ in range(connections):
        line = _Line(socket.create_connection((parts.hostname, parts.port)))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines[line.socket.fileno()] = line
        poll.register(line.socket.fileno(), select.EPOLLIN)
    pipe.send("ready")
    pipe.recv()
    firsts: list[float] = []
    until = time.monotonic() + seconds
    try:
        for line in lines.values():
            _begin(line, asking)
        while time.monotonic() < until or len(firsts) < _FEWEST:
            for handle, _ in poll.poll(0.1):
                if _read(lines[handle], firsts):
                    _begin(lines[handle], asking)
    except ValueError as error:
        pipe.send(str(error))
        return
    pipe.send(firsts)


def _begin(line: _Line, asking: bytes) -> None:
    line.asked_at, line.head = time.monotonic(), b""
    line.socket.sendall(asking)


def _read(line: _Line, firsts: list[float]) -> bool:
    """Take what is there; whether the answer is whole. Raises ValueError."""
    data = line.socket.recv(1 << 18)
    if not data:
        raise ValueError("the server hung up")
    if _HEAD in line.head:
        line.left -= len(data)
        return line.left <= 0
    line.head += data
    head, found, body = line.head.partition(_HEAD)
    if not found:
        return False
    if not head.startswith(b"HTTP/1.1 20"):
        raise ValueError(f"not a success: {line.head[:400]!r}")
    size = next(each for each in head.lower().split(b"\r\n") if each.startswith(_LENGTH))
    line.left = int(size.removeprefix(_LENGTH)) - len(body)
    firsts.append(time.monotonic() - line.asked_at)
    return line.left <= 0
