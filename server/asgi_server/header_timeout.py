"""The head of a request must arrive in time and fit: who sends it byte by byte holds a connection, and not for long."""

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_ANSWERS: Final = {
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """As the base class, which waits for ever and reads as much as it is sent."""

    header_seconds: ClassVar[float] = 10
    max_header_bytes: ClassVar[int] = 65_536

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes: int = 0
    _is_in_head: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is waited for from now on."""
        super().connection_made(transport)
        self._expect()

    def on_message_begin(self) -> None:
        """A further one has begun; until then the keep-alive has a deadline of its own."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """It is here."""
        self._is_in_head = False
        self._relax()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that is not complete, and count what belongs to it: most come whole."""
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._expect()
            self._head_bytes += len(data)
            if self._head_bytes > self.max_header_bytes:
                self._give_up(431)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for."""
        self._relax()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._deadline is None:
            self._head_bytes = 0
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up, 408)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, status: int) -> None:
        self._relax()
        if not self.transport.is_closing():
            self.transport.write(_ANSWERS[status])
            self.transport.close()
