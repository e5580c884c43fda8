"""Repeat one HTTP request on keep-alive connections from a separate process; measure latency and server CPU."""

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

_HEAD_END: Final = b"\r\n\r\n"
_MIN_RESPONSES: Final = 200
_CONTENT_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Rate, latency of the first byte, and CPU time of the server per response."""

    count: int
    rate: float
    first_ms_p50: float
    first_ms_p99: float
    cpu_ms: float


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    remaining_bytes: int = 0
    head: bytes = b""


def measure(
    url: str, server: psutil.Process, seconds: float, connections: int = 32, headers: str = "", body: str | None = None
) -> LoadResult:
    """Send the request for ``seconds``, by POST if there is a body. Raises ValueError for a status other than 2xx."""
    context = multiprocessing.get_context("spawn")
    pipe, child_pipe = context.Pipe()
    child = context.Process(target=_generate, args=(url, headers, body, seconds, connections, child_pipe), daemon=True)
    child.start()
    pipe.recv()
    started_at, cpu_before = time.monotonic(), _cpu_seconds(server)
    pipe.send("go")
    latencies: list[float] | str = pipe.recv()
    cpu_seconds, duration = _cpu_seconds(server) - cpu_before, time.monotonic() - started_at
    child.join()
    if isinstance(latencies, str):
        raise ValueError(latencies)  # noqa: TRY004  the message of an error in the child
    milliseconds = np.array(latencies) * 1000
    return LoadResult(
        len(latencies),
        len(latencies) / duration,
        float(np.percentile(milliseconds, 50)),
        float(np.percentile(milliseconds, 99)),
        cpu_seconds / len(latencies) * 1000,
    )


def _cpu_seconds(server: psutil.Process) -> float:
    times = server.cpu_times()
    return times.user + times.system


def _generate(url: str, headers: str, body: str | None, seconds: float, connections: int, pipe: Connection) -> None:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if body is not None:
        headers += f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
    method = "GET" if body is None else "POST"
    request = f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}\r\n{body or ''}".encode()
    opened = {}
    poll = select.epoll()
    for _ in range(connections):
        connection = _Connection(socket.create_connection((parts.hostname, parts.port)))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened[connection.socket.fileno()] = connection
        poll.register(connection.socket.fileno(), select.EPOLLIN)
    pipe.send("ready")
    pipe.recv()
    latencies: list[float] = []
    deadline = time.monotonic() + seconds
    try:
        for connection in opened.values():
            _send(connection, request)
        while time.monotonic() < deadline or len(latencies) < _MIN_RESPONSES:
            for handle, _ in poll.poll(0.1):
                if _receive(opened[handle], latencies):
                    _send(opened[handle], request)
    except ValueError as error:
        pipe.send(str(error))
        return
    pipe.send(latencies)


def _send(connection: _Connection, request: bytes) -> None:
    connection.sent_at, connection.head = time.monotonic(), b""
    connection.socket.sendall(request)


def _receive(connection: _Connection, latencies: list[float]) -> bool:
    """Receive data and return whether the response is complete. Raises ValueError for an error response."""
    data = connection.socket.recv(1 << 18)
    if not data:
        raise ValueError("the server closed the connection")
    if _HEAD_END in connection.head:
        connection.remaining_bytes -= len(data)
        return connection.remaining_bytes <= 0
    connection.head += data
    head, separator, body = connection.head.partition(_HEAD_END)
    if not separator:
        return False
    if not head.startswith(b"HTTP/1.1 20"):
        raise ValueError(f"not a success response: {connection.head[:400]!r}")
    size = next(line for line in head.lower().split(b"\r\n") if line.startswith(_CONTENT_LENGTH))
    connection.remaining_bytes = int(size.removeprefix(_CONTENT_LENGTH)) - len(body)
    latencies.append(time.monotonic() - connection.sent_at)
    return connection.remaining_bytes <= 0
