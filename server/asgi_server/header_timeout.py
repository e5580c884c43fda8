"""Close connections that do not send a complete request head in time (408) or send too large a one (431).

The hooks below are uvicorn's own methods, not a documented interface. Tested with uvicorn 0.54.
"""

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_RESPONSES: Final = {
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits on the duration and the size of a request head, which it lacks."""

    header_seconds: ClassVar[float] = 10
    max_header_bytes: ClassVar[int] = 65_536

    _timer: asyncio.TimerHandle | None = None
    _head_bytes: int = 0
    _is_in_head: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request head."""
        super().connection_made(transport)
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
        """Parse the data; if the head is still incomplete, start the timer and count the head's bytes.

        Most heads arrive in one piece, and need neither.
        """
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
