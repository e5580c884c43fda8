"""A client's subscription that shares its execution with others: a bounded queue of encoded frames."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import orjson
from starlette.websockets import WebSocketDisconnect

from core import logs

_MAX_QUEUED: Final = 64
_NO_SEQUENCE: Final = -1


class Socket(Protocol):
    """The WebSocket of a subscriber. ``push`` is None if the server has no push extension (see ``protocols``)."""

    push: Callable[[str], bool] | None

    async def send_text(self, text: str) -> None:
        """Send a message; wait until there is room in the write buffer."""

    def forget_operation(self, operation_id: str) -> None:
        """Release the id of an operation that has completed."""


@dataclass(slots=True)
class Frame:
    """A message that is encoded once for all subscribers: only the operation's id at its start differs."""

    sequence: int | None
    rest: str
    is_last: bool = False
    _head: str = ""
    _text: str = ""

    def text(self, head: str) -> str:
        """Return the whole message. The last one is cached: many clients of one kind use the same id."""
        if head != self._head:
            self._head, self._text = head, head + self.rest
        return self._text


COMPLETE: Final = Frame(None, '"type":"complete"}', is_last=True)


class Publisher(Protocol):
    """The broadcast that a subscriber belongs to."""

    def unsubscribe(self, subscriber: "Subscriber") -> None: ...


@dataclass(slots=True, eq=False)
class Subscriber:
    """Sends the frames of a broadcast to one WebSocket. A full queue is discarded, and the subscriber joins again.

    ``last_accepted`` is the sequence number of the last event that was queued or sent. ``live_from`` is the number
    that it must reach before it receives live events, or None while the broadcast has had no event. ``held`` contains
    the live events until then.
    """

    id: str
    socket: Socket
    last_accepted: int = _NO_SEQUENCE
    live_from: int | None = None
    held: list[Frame] = field(default_factory=list)
    publisher: Publisher | None = None
    on_drained: Callable[[], None] | None = None
    on_error_code: Callable[[str], None] | None = field(default_factory=logs.error_code_listener.get)
    _last_sent: int = _NO_SEQUENCE
    _queue: list[Frame] = field(default_factory=list)
    _sender: asyncio.Task[None] | None = None
    _head: str = ""

    def __post_init__(self) -> None:
        self._head = f'{{"id":{orjson.dumps(self.id).decode()},'

    def hold_back(self, frame: Frame) -> None:
        """Hold a live event. If there are too many, the oldest is dropped and must be received by the catch-up."""
        self.held.append(frame)
        if len(self.held) > _MAX_QUEUED:
            self.live_from = self.held.pop(0).sequence

    def offer(self, frame: Frame) -> bool:
        """Send or queue a frame unless it is a duplicate. Return False if the queue is full; it is then discarded."""
        if frame.sequence is not None:
            if frame.sequence <= self.last_accepted:
                return True
            self.last_accepted = frame.sequence
        if self._sender is None and self._push(frame):
            return True
        if len(self._queue) >= _MAX_QUEUED:
            self._queue.clear()
            self.last_accepted = self._last_sent
            return False
        self._queue.append(frame)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return True

    def stop(self) -> None:
        self._queue.clear()
        if self._sender is not None:
            self._sender.cancel()

    async def _send(self) -> None:
        try:
            while self._queue:
                await self._send_one(self._queue.pop(0))
        except (WebSocketDisconnect, RuntimeError):
            # the socket is closed; its reader gets the disconnect as well and cleans up
            self._queue.clear()
            return
        finally:
            self._sender = None
        if self.on_drained is not None:
            on_drained, self.on_drained = self.on_drained, None
            on_drained()

    def _push(self, frame: Frame) -> bool:
        """Send almost every message: when nothing is queued and the write buffer has room."""
        push = self.socket.push
        is_sent = push is not None and push(frame.text(self._head))
        if is_sent:
            self._record_sent(frame)
            self._forget_if_last(frame)
        return is_sent

    async def _send_one(self, frame: Frame) -> None:
        # before the frame is sent: the client may reuse the id as soon as it has received it
        self._forget_if_last(frame)
        await self.socket.send_text(frame.text(self._head))
        self._record_sent(frame)

    def _record_sent(self, frame: Frame) -> None:
        if frame.sequence is not None:
            self._last_sent = frame.sequence

    def _forget_if_last(self, frame: Frame) -> None:
        if frame.is_last:
            self.socket.forget_operation(self.id)
