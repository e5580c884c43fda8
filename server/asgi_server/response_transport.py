"""Write the head of a response together with its body: uvicorn writes them one after the other, as two packets."""

import asyncio


class ResponseTransport:
    """The part of a connection's transport that its responses use, one after the other.

    The first write of a response, its head, waits for the second one of the same iteration of the event loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head: bytes | None = None
        self._is_begun = False

    def write(self, data: bytes) -> None:
        """Write a part of a response."""
        if self._head is not None:
            parts, self._head = (self._head, data), None
            self._transport.writelines(parts)
        elif self._is_begun:
            self._transport.write(data)
        else:
            self._head, self._is_begun = data, True
            # the body of a stream may begin much later
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write a head that still waits."""
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head)

    def end_response(self) -> None:
        """Write a head without a body; the next write is the head of another response."""
        self.flush()
        self._is_begun = False

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        """Close the connection after what has been written."""
        self.flush()
        self._transport.close()
