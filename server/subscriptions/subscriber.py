"""One operation of one socket among many that are told the same: what it has seen, and what waits to be sent to it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import orjson
from starlette.websockets import WebSocketDisconnect

from core import logs

_WAITING: Final = 64
_NONE: Final = -1


class Socket(Protocol):
    """What a seat knows of its socket. ``push`` sends a message at once or answers False; not every server can."""

    push: Callable[[str], bool] | None

    async def send_text(self, text: str) -> None:
        """Send a message, as soon as the client has room for it."""

    def forget_seat(self, operation_id: str) -> None:
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


class Place(Protocol):
    """Where a seat stands."""

    def leave(self, seat: "Subscriber") -> None:
        """Tell it nothing more."""


class Subscriber:
    """Bounded: who is too slow loses what waits, and is told anew how things stand as soon as there is room.

    ``seen`` is the number of the last event that it took, ``base`` the number that it has to have seen before it may
    follow with the others: None while nobody knows.
    """

    __slots__ = (
        "_head",
        "_sender",
        "_sent",
        "_socket",
        "_waiting",
        "base",
        "has_room",
        "hear",
        "held",
        "id",
        "place",
        "seen",
    )

    def __init__(self, operation_id: str, socket: Socket) -> None:
        self.id = operation_id
        self.hear = logs.error_code_listener.get()
        self.seen = self._sent = _NONE
        self.base: int | None = None
        self.held: list[Frame] = []
        self.place: Place | None = None
        self.has_room: Callable[[], None] | None = None
        self._head = f'{{"id":{orjson.dumps(operation_id).decode()},'
        self._socket = socket
        self._waiting: list[Frame] = []
        self._sender: asyncio.Task[None] | None = None

    def hold(self, telling: Frame) -> None:
        """Keep an event for later, the newest of them: to follow, one has to have seen those that are not kept."""
        self.held.append(telling)
        if len(self.held) > _WAITING:
            self.base = self.held.pop(0).sequence

    def offer(self, telling: Frame) -> bool:
        """Take an event, unless it was seen; whether there was room for it."""
        if telling.sequence is not None:
            if telling.sequence <= self.seen:
                return True
            self.seen = telling.sequence
        if self._sender is None and self._push(telling):
            return True
        if len(self._waiting) >= _WAITING:
            self._waiting.clear()
            self.seen = self._sent
            return False
        self._waiting.append(telling)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return True

    def leave(self) -> None:
        """Nothing more is sent."""
        self._waiting.clear()
        if self._sender is not None:
            self._sender.cancel()

    async def _send(self) -> None:
        try:
            while self._waiting:
                await self._send_one(self._waiting.pop(0))
        except (WebSocketDisconnect, RuntimeError):
            # closed meanwhile: whoever reads from the socket hears of it, too, and leaves
            self._waiting.clear()
            return
        finally:
            self._sender = None
        if self.has_room is not None:
            has_room, self.has_room = self.has_room, None
            has_room()

    def _push(self, telling: Frame) -> bool:
        """What is true of almost every message: nothing waits, and the client has room."""
        push = self._socket.push
        is_sent = push is not None and push(telling.text(self._head))
        if is_sent:
            self._note(telling)
            self._forget_if_last(telling)
        return is_sent

    async def _send_one(self, telling: Frame) -> None:
        # before it is sent: the client may use the id again at once
        self._forget_if_last(telling)
        await self._socket.send_text(telling.text(self._head))
        self._note(telling)

    def _note(self, telling: Frame) -> None:
        if telling.sequence is not None:
            self._sent = telling.sequence

    def _forget_if_last(self, telling: Frame) -> None:
        if telling.is_last:
            self._socket.forget_seat(self.id)
