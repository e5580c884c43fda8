"""uvicorn's WebSocket protocol with little memory per connection, for thousands of WebSockets at a time.

It adds an ASGI extension: ``scope["extensions"][PUSH_EXTENSION]`` is a function that sends a text
message at once and returns whether it did. A text that is pushed to many sockets in a row is encoded once.

The base class and the attributes used here are uvicorn's, not a documented interface. Tested with uvicorn 0.54 and
websockets 17.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

PUSH_EXTENSION: Final = "music_studio.push"

_FIN_TEXT: Final = 0x81  # the first byte of an unfragmented text message
_MAX_7_BIT_LENGTH, _MAX_16_BIT_LENGTH = 125, 65_535


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
