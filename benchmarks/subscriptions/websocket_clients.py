"""Many WebSockets in one process, as light as can be: one epoll, no task, no library between it and the bytes."""

import base64
import json
import os
import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final

_BATCH: Final = 25
_PORTS: Final = 20_000
"""Sockets from one address: a system has some 28 000 ports to lend for each."""
_SEQUENCE: Final = re.compile(rb'"sequence":(\d+)')
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who asks where for what, how often at once."""

    host: str
    port: int
    key: str
    query: str
    variables: dict[str, str]
    sockets: int


@dataclass(slots=True)
class ReceivedEvents:
    """What came: for each number of an event when it came, in seconds of the monotonic clock; and how many are gone."""

    arrival_times: dict[int, list[float]] = field(default_factory=dict)
    lost: int = 0
    is_increasing: bool = True


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    rest: bytes = b""
    newest: int = -1


def run(wanted: Subscription, pipe: Connection) -> None:
    """Open them all, say so, listen until told to stop, tell what was heard. Runs in a process of its own."""
    crowd = _Crowd()
    for batch in _batches(wanted):
        crowd.add(batch)
        # the server asks who is there while the others come
        crowd.listen(0)
    pipe.send(wanted.sockets)
    crowd.poll.register(pipe.fileno(), select.EPOLLIN)
    while not pipe.poll():
        crowd.listen(-1)
    with suppress(EOFError):
        pipe.recv()
        pipe.send(crowd.heard)


class _Crowd:
    def __init__(self) -> None:
        self.poll = select.epoll()
        self.heard = ReceivedEvents()
        self._lines: dict[int, _Line] = {}

    def add(self, lines: list[_Line]) -> None:
        """Listen to these, too."""
        for line in lines:
            self._lines[line.socket.fileno()] = line
            self.poll.register(line.socket.fileno(), select.EPOLLIN)

    def listen(self, seconds: float) -> None:
        """Take what has come, or comes in this time."""
        for handle, _ in self.poll.poll(seconds, len(self._lines) + 1):
            line = self._lines.get(handle)
            if line is not None and not _read(line, self.heard):
                self.heard.lost += 1
                self.poll.unregister(handle)


def _batches(wanted: Subscription) -> Iterator[list[_Line]]:
    """Connected, introduced, subscribed, and told how things stand; a batch at a time."""
    for start in range(0, wanted.sockets, _BATCH):
        batch = [_connected(wanted, start + each) for each in range(min(_BATCH, wanted.sockets - start))]
        for line in batch:
            while b"\r\n\r\n" not in line.rest:
                line.rest += line.socket.recv(65_536)
            if not line.rest.startswith(b"HTTP/1.1 101 "):
                raise ValueError(f"no socket: {line.rest!r}")
            line.rest = line.rest.partition(b"\r\n\r\n")[2]
            line.socket.sendall(_subscription(wanted))
        for line in batch:
            _settle(line)
        yield batch


def _connected(wanted: Subscription, number: int) -> _Line:
    line = socket.socket()
    if wanted.host.startswith("127."):
        line.bind((f"127.0.0.{1 + number // _PORTS}", 0))
    line.settimeout(_SECONDS)
    line.connect((wanted.host, wanted.port))
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET /graphql HTTP/1.1\r\nHost: {wanted.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    return _Line(line)


def _subscription(wanted: Subscription) -> bytes:
    payload = {"query": wanted.query, "variables": wanted.variables}
    init = {"type": "connection_init", "payload": {"x-api-key": wanted.key}}
    return _frame(_TEXT, json.dumps(init).encode()) + _frame(
        _TEXT, json.dumps({"id": "1", "type": "subscribe", "payload": payload}).encode()
    )


def _settle(line: _Line) -> None:
    """Until the first event. Raises ValueError when it is not one."""
    heard = ReceivedEvents()
    while not heard.arrival_times:
        if not _read(line, heard):
            raise ValueError("a socket was closed before its first event")
    line.socket.setblocking(False)


def _read(line: _Line, heard: ReceivedEvents) -> bool:
    """Take what is there; whether the line still stands."""
    try:
        data = line.socket.recv(65_536)
    except BlockingIOError:
        return True
    except OSError:
        return False
    now = time.monotonic()
    line.rest += data
    is_open = bool(data)
    for opcode, payload in _frames(line):
        if opcode == _PING:
            line.socket.send(_frame(_PONG, payload))
        elif opcode == _CLOSE:
            is_open = False
        elif found := _SEQUENCE.search(payload):
            number = int(found[1])
            heard.is_increasing &= number > line.newest
            line.newest = number
            heard.arrival_times.setdefault(number, []).append(now)
        elif b'"connection_ack"' not in payload:
            raise ValueError(f"not an event: {payload!r}")
    return is_open


def _frames(line: _Line) -> Iterator[tuple[int, bytes]]:
    """The whole frames of a server, which masks none."""
    data = line.rest
    while len(data) >= 2:
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + size:
            break
        yield data[0] & 0x0F, data[start : start + size]
        data = data[start + size :]
    line.rest = data


def _frame(opcode: int, payload: bytes) -> bytes:
    """A frame of a client's, masked with zeros."""
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE]) + size.to_bytes(2)
    return head + bytes(4) + payload
