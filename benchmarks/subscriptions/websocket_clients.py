"""Many lightweight WebSocket clients in one process, with one epoll and without tasks or a WebSocket library."""

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
"""Sockets per local address; Linux has about 28 000 ephemeral ports for each."""
_SEQUENCE: Final = re.compile(rb'"sequence":(\d+)')
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription and the number of sockets that open it."""

    host: str
    port: int
    key: str
    query: str
    variables: dict[str, str]
    sockets: int


@dataclass(slots=True)
class ReceivedEvents:
    """Received events: arrival times in seconds of the monotonic clock by sequence number, and the lost sockets."""

    arrival_times: dict[int, list[float]] = field(default_factory=dict)
    lost: int = 0
    is_increasing: bool = True


@dataclass(slots=True)
class _Client:
    socket: socket.socket
    buffer: bytes = b""
    last_sequence: int = -1


def run(subscription: Subscription, pipe: Connection) -> None:
    """Open all sockets, receive events until a message arrives on ``pipe``, and send the events back.

    Runs in a process of its own and sends the number of sockets as soon as they are open.
    """
    clients = _Clients()
    for batch in _batches(subscription):
        clients.add(batch)
        # answer pings while other sockets are opened
        clients.receive(0)
    pipe.send(subscription.sockets)
    clients.poll.register(pipe.fileno(), select.EPOLLIN)
    while not pipe.poll():
        clients.receive(-1)
    with suppress(EOFError):
        pipe.recv()
        pipe.send(clients.received)


class _Clients:
    def __init__(self) -> None:
        self.poll = select.epoll()
        self.received = ReceivedEvents()
        self._by_handle: dict[int, _Client] = {}

    def add(self, clients: list[_Client]) -> None:
        for client in clients:
            self._by_handle[client.socket.fileno()] = client
            self.poll.register(client.socket.fileno(), select.EPOLLIN)

    def receive(self, seconds: float) -> None:
        """Receive data of all sockets, and wait up to ``seconds`` for it (-1: without limit)."""
        for handle, _ in self.poll.poll(seconds, len(self._by_handle) + 1):
            client = self._by_handle.get(handle)
            if client is not None and not _receive(client, self.received):
                self.received.lost += 1
                self.poll.unregister(handle)


def _batches(subscription: Subscription) -> Iterator[list[_Client]]:
    """Open the sockets and yield them in batches after their first event."""
    for start in range(0, subscription.sockets, _BATCH):
        batch = [_connect(subscription, start + offset) for offset in range(min(_BATCH, subscription.sockets - start))]
        for client in batch:
            while b"\r\n\r\n" not in client.buffer:
                client.buffer += client.socket.recv(65_536)
            if not client.buffer.startswith(b"HTTP/1.1 101 "):
                raise ValueError(f"WebSocket handshake failed: {client.buffer!r}")
            client.buffer = client.buffer.partition(b"\r\n\r\n")[2]
            client.socket.sendall(_subscribe_messages(subscription))
        for client in batch:
            _wait_for_first_event(client)
        yield batch


def _connect(subscription: Subscription, number: int) -> _Client:
    client = socket.socket()
    if subscription.host.startswith("127."):
        client.bind((f"127.0.0.{1 + number // _PORTS}", 0))
    client.settimeout(_SECONDS)
    client.connect((subscription.host, subscription.port))
    key = base64.b64encode(os.urandom(16)).decode()
    client.sendall(
        f"GET /graphql HTTP/1.1\r\nHost: {subscription.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    return _Client(client)


def _subscribe_messages(subscription: Subscription) -> bytes:
    payload = {"query": subscription.query, "variables": subscription.variables}
    init = {"type": "connection_init", "payload": {"x-api-key": subscription.key}}
    return _frame(_TEXT, json.dumps(init).encode()) + _frame(
        _TEXT, json.dumps({"id": "1", "type": "subscribe", "payload": payload}).encode()
    )


def _wait_for_first_event(client: _Client) -> None:
    """Wait for the first event. Raises ValueError for another message."""
    received = ReceivedEvents()
    while not received.arrival_times:
        if not _receive(client, received):
            raise ValueError("a socket was closed before its first event")
    client.socket.setblocking(False)


def _receive(client: _Client, received: ReceivedEvents) -> bool:
    """Receive data and return whether the socket is still open."""
    try:
        data = client.socket.recv(65_536)
    except BlockingIOError:
        return True
    except OSError:
        return False
    now = time.monotonic()
    client.buffer += data
    is_open = bool(data)
    for opcode, payload in _frames(client):
        if opcode == _PING:
            client.socket.send(_frame(_PONG, payload))
        elif opcode == _CLOSE:
            is_open = False
        elif match := _SEQUENCE.search(payload):
            number = int(match[1])
            received.is_increasing &= number > client.last_sequence
            client.last_sequence = number
            received.arrival_times.setdefault(number, []).append(now)
        elif b'"connection_ack"' not in payload:
            raise ValueError(f"not an event: {payload!r}")
    return is_open


def _frames(client: _Client) -> Iterator[tuple[int, bytes]]:
    """Yield the complete frames of the server, which are not masked."""
    data = client.buffer
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
    client.buffer = data


def _frame(opcode: int, payload: bytes) -> bytes:
    """Return a client frame, masked with zeros."""
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE]) + size.to_bytes(2)
    return head + bytes(4) + payload
