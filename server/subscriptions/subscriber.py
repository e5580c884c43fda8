"""One operation of one socket among many that are told the same: what it has seen, and what waits to be sent to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import orjson
from starlette.websockets import WebSocketDisconnect

from core import logs

_MAX_QUEUED: Final = 64
_NO_SEQUENCE: Final = -1


class Socket(Protocol):
    """What a seat knows of its socket. ``push`` sends a message at once or answers False; not every server can."""

    push: Callable[[str], bool] | None

    async def send_text(self, text: str) -> None:
        """Send a message, as soon as the client has room for it."""

    def forget_operation(self, operation_id: str) -> None:
        """The operation is over: its id may be used again."""


@dataclass(slots=True)
class Frame:
    """An event as it is sent, encoded once for all. Only the operation's id differs from socket to socket."""

    sequence: int | None
    rest: str
    is_last: bool = False
    _head: str = ""
    _text: str = ""

    def text(self, head: str) -> str:
        """The whole message. Clients of a kind use the same ids: the last one is kept."""
        if head != self._head:
            self._head, self._text = head, head + self.rest
        return self._text


COMPLETE: Final = Frame(None, '"type":"complete"}', is_last=True)


class Publisher(Protocol):
    """Where a seat stands."""

    def unsubscribe(self, seat: "Subscriber") -> None:
        """Tell it nothing more."""


class Subscriber:
    """Bounded: who is too slow loses what waits, and is told anew how things stand as soon as there is room.

    ``seen`` is the number of the last event that it took, ``base`` the number that it has to have seen before it may
    follow with the others: None while nobody knows.
    """

    __slots__ = (
        "_head",
        "_last_sent",
        "_queue",
        "_sender",
        "_socket",
        "held",
        "id",
        "last_accepted",
        "live_from",
        "on_drained",
        "on_error_code",
        "publisher",
    )

    def __init__(self, operation_id: str, socket: Socket) -> None:
        self.id = operation_id
        self.on_error_code = logs.error_code_listener.get()
        self.last_accepted = self._last_sent = _NO_SEQUENCE
        self.live_from: int | None = None
        self.held: list[Frame] = []
        self.publisher: Publisher | None = None
        self.on_drained: Callable[[], None] | None = None
        self._head = f'{{"id":{orjson.dumps(operation_id).decode()},'
        self._socket = socket
        self._queue: list[Frame] = []
        self._sender: asyncio.Task[None] | None = None

    def hold_back(self, telling: Frame) -> None:
        """Keep an event for later, the newest of them: to follow, one has to have seen those that are not kept."""
        self.held.append(telling)
        if len(self.held) > _MAX_QUEUED:
            self.live_from = self.held.pop(0).sequence

    def offer(self, telling: Frame) -> bool:
        """Take an event, unless it was seen; whether there was room for it."""
        if telling.sequence is not None:
            if telling.sequence <= self.last_accepted:
                return True
            self.last_accepted = telling.sequence
        if self._sender is None and self._push(telling):
            return True
        if len(self._queue) >= _MAX_QUEUED:
            self._queue.clear()
            self.last_accepted = self._last_sent
            return False
        self._queue.append(telling)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return True

    def stop(self) -> None:
        """Nothing more is sent."""
        self._queue.clear()
        if self._sender is not None:
            self._sender.cancel()

    async def _send(self) -> None:
        try:
            while self._queue:
                await self._send_one(self._queue.pop(0))
        except (WebSocketDisconnect, RuntimeError):
            # closed meanwhile: whoever reads from the socket hears of it, too, and leaves
            self._queue.clear()
            return
        finally:
            self._sender = None
        if self.on_drained is not None:
            has_room, self.on_drained = self.on_drained, None
            has_room()

    def _push(self, telling: Frame) -> bool:
        """What is true of almost every message: nothing waits, and the client has room."""
        push = self._socket.push
        is_sent = push is not None and push(telling.text(self._head))
        if is_sent:
            self._record_sent(telling)
            self._forget_if_last(telling)
        return is_sent

    async def _send_one(self, telling: Frame) -> None:
        # before it is sent: the client may use the id again at once
        self._forget_if_last(telling)
        await self._socket.send_text(telling.text(self._head))
        self._record_sent(telling)

    def _record_sent(self, telling: Frame) -> None:
        if telling.sequence is not None:
            self._last_sent = telling.sequence

    def _forget_if_last(self, telling: Frame) -> None:
        if telling.is_last:
            self._socket.forget_operation(self.id)
