"""uvicorn protocols with limits and little memory per connection, for thousands of downloads and WebSockets at a time.

The WebSocket protocol adds an ASGI extension: ``scope["extensions"][PUSH_EXTENSION]`` is a function that sends a text
message at once and returns whether it did. A text that is pushed to many sockets in a row is encoded once.

The base classes and the attributes used here are uvicorn's, not a documented interface. Tested with uvicorn 0.54 and
websockets 17.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

PUSH_EXTENSION: Final = "music_studio.push"

_WRITE_BUFFER_BYTES: Final = 16_384
_FIN_TEXT: Final = 0x81  # the first byte of an unfragmented text message
_MAX_7_BIT_LENGTH, _MAX_16_BIT_LENGTH = 125, 65_535
_RESPONSES: Final = {
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}


class LimitedHttpProtocol(HttpToolsProtocol):
    """Limits the time (408) and the size (431) of a request head, and the bytes that are buffered for a slow client."""

    header_seconds: ClassVar[float] = 10
    max_header_bytes: ClassVar[int] = 65_536

    _timer: asyncio.TimerHandle | None = None
    _head_bytes: int = 0
    _is_in_head: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request head. A connection that becomes a WebSocket keeps the buffer limit."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        self._start_timer()

    def on_message_begin(self) -> None:
        """Note that a request head has begun. Between two requests uvicorn's keep-alive timeout applies."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """Stop the timer."""
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse the data; if the head is then incomplete, which is rare, start the timer and count the head's bytes."""
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._start_timer()
            self._head_bytes += len(data)
            if self._head_bytes > self.max_header_bytes:
                self._reject(431)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._head_bytes = 0
            self._timer = self.loop.call_later(self.header_seconds, self._reject, 408)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _reject(self, status: int) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            self.transport.write(_RESPONSES[status])
            self.transport.close()


class LowMemoryWebSocketProtocol(WebSocketsSansIOProtocol):
    """Releases the handshake once it is complete, and provides the push extension."""

    _last_frame: ClassVar[tuple[str, bytes]] = ("", b"")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as the base class takes them
        super().__init__(*args, **kwargs)
        # both have the methods that uvicorn calls, and no others
        self.queue = _SingleReaderQueue()  # type: ignore[assignment]
        self.writable = _LazyEvent()  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        """Add the push extension to the scope. The base class builds the scope; its task reads it later."""
        super().handle_connect(event)
        if self.response.status_code == 101:  # noqa: PLR2004  Switching Protocols
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), PUSH_EXTENSION: self.push}  # type: ignore[dict-item]

    async def send(self, message: Any) -> None:  # noqa: ANN401  uvicorn exports no type for ASGI messages
        """Send an ASGI message; after the handshake, release what only the handshake needs."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response

    def push(self, text: str) -> bool:
        """Send a text message now. Return False if the write buffer is full or the connection is closed."""
        if not self.writable.is_set() or self.conn.state is not State.OPEN or self.transport.is_closing():
            return False
        if text is not LowMemoryWebSocketProtocol._last_frame[0]:
            LowMemoryWebSocketProtocol._last_frame = text, text_frame(text.encode())
        self.transport.write(LowMemoryWebSocketProtocol._last_frame[1])
        return True


def text_frame(payload: bytes) -> bytes:
    """Encode a text message as one unmasked WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size <= _MAX_7_BIT_LENGTH:
        return bytes([_FIN_TEXT, size]) + payload
    if size <= _MAX_16_BIT_LENGTH:
        return bytes([_FIN_TEXT, 126]) + size.to_bytes(2, "big") + payload
    return bytes([_FIN_TEXT, 127]) + size.to_bytes(8, "big") + payload


class _SingleReaderQueue:
    """The part of asyncio.Queue that one reader needs, without its deques of 600 bytes each.

    Unbounded, and short: the protocol reads nothing more from the connection while a message is queued.
    """

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:  # noqa: ANN401  an ASGI message
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        return not self._messages

    async def get(self) -> Any:  # noqa: ANN401  an ASGI message
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._messages.pop(0)


class _LazyEvent:
    """An event that is set from the start. It allocates an asyncio.Event only while it is not set."""

    def __init__(self) -> None:
        self._unset: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._unset is None

    def set(self) -> None:
        if self._unset is not None:
            self._unset.set()
            self._unset = None

    def clear(self) -> None:
        if self._unset is None:
            self._unset = asyncio.Event()

    async def wait(self) -> None:
        if self._unset is not None:
            await self._unset.wait()
