"""uvicorn's protocols, keeping little for each connection: there may be thousands of listeners and of sockets.

A socket of ours has one thing more: ``extensions[PUSH]`` of its ASGI scope is a function that sends a text at once, and
says whether it did. Of a text that goes to many sockets the frame is made once.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from server.asgi_server.header_timeout import HeaderTimeoutProtocol

PUSH: Final = "music_studio.push"

_UNSENT_BYTES: Final = 16_384
_TEXT: Final = 0x81  # a whole message, of text
_SHORT, _LONG = 126, 65_536


class LowMemoryHttpProtocol(HeaderTimeoutProtocol):
    """Keeps little of what a slow listener has not taken yet."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A socket begins as a request, and keeps this limit."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_UNSENT_BYTES)


class LowMemoryWebSocketProtocol(WebSocketsSansIOProtocol):
    """Forgets the handshake once it is over, and lets texts be pushed."""

    _pushed: ClassVar[tuple[str, bytes]] = ("", b"")

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401  as the base class takes it
        super().__init__(*given, **named)
        self.queue = _Mailbox()
        self.writable = _Gate()

    def handle_connect(self, event: Request) -> None:
        """The scope is made here, and read by a task that begins later."""
        super().handle_connect(event)
        if self.response.status_code == 101:  # noqa: PLR2004  Switching Protocols
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), PUSH: self.push}  # type: ignore[dict-item]

    async def send(self, message: ASGISendEvent) -> None:
        """As the base class; what only the handshake needs is let go with it."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response

    def push(self, text: str) -> bool:
        """Send a text now; False when the client has no room for it, or is gone."""
        if not self.writable.is_set() or self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        if text is not LowMemoryWebSocketProtocol._pushed[0]:
            LowMemoryWebSocketProtocol._pushed = text, frame(text.encode())
        self.transport.write(LowMemoryWebSocketProtocol._pushed[1])
        return True


def frame(payload: bytes) -> bytes:
    """RFC 6455, 5.2: a server masks nothing."""
    size = len(payload)
    if size < _SHORT:
        return bytes([_TEXT, size]) + payload
    if size < _LONG:
        return bytes([_TEXT, 126]) + size.to_bytes(2, "big") + payload
    return bytes([_TEXT, 127]) + size.to_bytes(8, "big") + payload


class _Mailbox(asyncio.Queue[ASGIReceiveEvent]):
    """A queue of one reader, without the four deques of 600 bytes that a queue of many has."""

    def __init__(self) -> None:
        self._messages: list[ASGIReceiveEvent] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, item: ASGIReceiveEvent) -> None:
        """Never full: the protocol reads no further while something is here."""
        self._messages.append(item)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._messages

    async def get(self) -> ASGIReceiveEvent:
        """The next message."""
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)


class _Gate(asyncio.Event):
    """An event that is mostly set, and open from the start."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[bool]] = []  # type: ignore[assignment]
        self._value = True
