"""uvicorn's HTTP protocol with limits for slow, oversized and malformed requests and for connections per address.

A request that the parser or a limit rejects runs through the application like any other, so that its response has the
same envelope, headers and log line: ``scope["extensions"][REJECTION_EXTENSION]`` is the error to respond with.

The base class and the attributes used here are uvicorn's, not a documented interface. Tested with uvicorn 0.54 and
httptools 0.9.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final

from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from websockets import http11
from websockets.datastructures import Headers
from websockets.server import ServerProtocol

from core.errors import RateLimited, Refusal
from server.asgi_server.connection_limit import ConnectionLimit
from server.asgi_server.response_transport import ResponseTransport
from server.asgi_server.trusted_proxies import TrustedProxies

REJECTION_EXTENSION: Final = "music_studio.rejection"

BODY_RECEIVED: Final = "music_studio.body_received"
"""Key in the scope of a request whose whole body has arrived before the application started."""

UNREADABLE_METHOD: Final = "-"
"""The method of a request whose head cannot be parsed."""

MAX_HEADERS: Final = http11.MAX_NUM_HEADERS
"""Headers of a request, 128: as many as a WebSocket handshake may have."""

MAX_PARAMETERS: Final = 1_000
"""Query parameters of a URL; 32 000, which fit into a request head, would take 90 ms to parse."""

_WRITE_BUFFER_BYTES: Final = 16_384
_LINGER_SECONDS: Final = 2.0
"""Time to read and discard what a client still sends after a rejection: closing at once would reset the connection,
and the client could lose the response."""
_MAX_FRAMING: Final = 16
"""Most bytes of a request for each byte of its body: a chunk of one byte has six with its size and line ends."""
_RETRY_SECONDS: Final = 5
_REQUEST_LINE_BYTES: Final = len(b"  HTTP/1.1\r\n\r\n")
_HEADER_LINE_BYTES: Final = len(b": \r\n")
_SHOWN_PATH_BYTES: Final = 200

_VERSIONS: Final = frozenset({"1.0", "1.1"})
_PHRASES: Final = {
    400: "Request is not valid HTTP/1.1",
    408: "Request head did not arrive in time",
    414: "URL is longer than {limit} bytes",
    431: "Request head is larger than {limit} bytes",
}


class LimitedHttpProtocol(HttpToolsProtocol):
    """Rejects request heads that are slow (408), large (431, 414) or malformed (400), and surplus connections (429).

    It also limits the time for a body that the application does not read, and the bytes buffered for a slow client.
    """

    header_seconds: ClassVar[float] = 10
    body_seconds: ClassVar[float] = 30
    max_header_bytes: ClassVar[int] = 65_536
    connection_limit: ClassVar[ConnectionLimit] = ConnectionLimit(1_000, TrustedProxies(()))

    _responses: ResponseTransport
    _timer: asyncio.TimerHandle | None = None
    _drain_timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    _is_in_body = False
    _is_rejected = False
    _is_counted = False
    _head_spans_parts = False
    _head_bytes = 0
    _part_heads = 0
    _part_body_bytes = 0
    _framing_bytes = 0
    _error: HTTPException | Refusal | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request head. A connection that becomes a WebSocket keeps the buffer limit."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        self._responses = ResponseTransport(transport, self.loop)
        excess = self.connection_limit.open(self._address)
        self._is_counted = True
        if excess > 2:  # noqa: PLR2004  double the limit
            transport.abort()
        elif excess > 1:
            # the response follows the request head: a client would not expect it earlier
            self._error = RateLimited(_RETRY_SECONDS)
            self._start_timer(_LINGER_SECONDS)
        else:
            self._start_timer(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers."""
        self._stop_timers()
        self._stop_counting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse the data in parts no larger than a request head may be."""
        for start in range(0, len(data), self.max_header_bytes):
            if self._is_active:
                self._parse(data[start : start + self.max_header_bytes])

    def _parse(self, data: bytes) -> None:
        was_in_head, was_in_body = self._is_in_head, self._is_in_body
        self._head_spans_parts, self._part_heads, self._part_body_bytes = was_in_head, 0, 0
        super().data_received(data)
        if not self._is_active:
            return
        if self._is_in_head:
            # a part that contains the end of another request is not counted
            is_head_only = was_in_head or (self._part_heads == 1 and not was_in_body)
            self._head_bytes += len(data) if is_head_only else 0
            if self._head_bytes > self.max_header_bytes:
                self._reject(self._size_error())
        elif was_in_body and self._is_in_body:
            # trailers and chunk extensions without end
            self._framing_bytes = max(self._framing_bytes + len(data) - _MAX_FRAMING * self._part_body_bytes, 0)
            if self._framing_bytes > self.max_header_bytes:
                self._reject(self._http_error(HTTPStatus.BAD_REQUEST))
        # line ends between two requests start no head, and must not keep the connection open either
        if self._is_in_head or (not self._is_in_body and self._unfinished is None):
            self._start_timer(self.header_seconds)

    def on_message_begin(self) -> None:
        """Note that a request head has begun. Between two requests uvicorn's keep-alive timeout applies."""
        super().on_message_begin()
        self._is_in_head = True
        self._head_bytes = 0
        self._part_heads += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header. Trailers are ignored: the application has already read the headers."""
        if self._is_in_head and self._error is None:
            super().on_header(name, value)
            if len(self.headers) > MAX_HEADERS:
                # thousands would take the application 250 ms, because it looks for each header from the first one on
                self._error = self._http_error(431, f"Request has more than {MAX_HEADERS} headers")

    def on_headers_complete(self) -> None:
        """Stop the timer. An exception makes the parser fail, and the base class call ``send_400_response``."""
        self._is_in_head = False
        self._stop_timers()
        self.scope["method"] = self.parser.get_method().decode("ascii")
        if self._error is None and self._head_spans_parts and self._count_head_bytes() > self.max_header_bytes:
            self._error = self._size_error()
        if self._error is None and self.url.count(b"&") >= MAX_PARAMETERS:
            message = f"URL has more than {MAX_PARAMETERS} query parameters"
            self._error = self._http_error(HTTPStatus.REQUEST_URI_TOO_LONG, message)
        if self._error is None and self.parser.get_http_version() not in _VERSIONS:
            self._error = self._http_error(HTTPStatus.BAD_REQUEST)
        if self._error is not None:
            raise self._error
        self._is_in_body, self._framing_bytes = True, 0
        previous = self.cycle
        super().on_headers_complete()
        if self.cycle is not previous and self.cycle is not None:
            # the application starts in the next iteration of the loop
            self.cycle.transport = self._responses  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        """Pass a part of the body on."""
        self._part_body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of the body."""
        self._is_in_body = False
        self.scope[BODY_RECEIVED] = True  # type: ignore[typeddict-unknown-key]
        self._stop_timers()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Limit the time in which the rest of a body may arrive that the application has not read."""
        self._responses.end_response()
        if self._is_in_body and not self.pipeline:
            self._drain_timer = self.loop.call_later(self.body_seconds, self.transport.close)
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the WebSocket protocol, or reject a malformed handshake."""
        error = self._handshake_error()
        if error is not None:
            self._reject(error)
            return
        self._stop_timers()
        self._stop_counting()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the signature of the base class
        """Reject a request that cannot be parsed."""
        self._reject(self._error or self._http_error(HTTPStatus.BAD_REQUEST))

    @property
    def _is_active(self) -> bool:
        """Whether the connection is open, not rejected, and no WebSocket."""
        return not (self._is_rejected or self.transport.is_closing()) and self.transport.get_protocol() is self

    @property
    def _unfinished(self) -> RequestResponseCycle | None:
        """The request whose response is not complete."""
        cycle: RequestResponseCycle | None = self.cycle
        return None if cycle is None or cycle.response_complete else cycle

    @property
    def _address(self) -> str | None:
        return self.client[0] if self.client else None

    def _count_head_bytes(self) -> int:
        lines = sum(len(name) + len(value) + _HEADER_LINE_BYTES for name, value in self.headers)
        return len(self.scope["method"]) + len(self.url) + _REQUEST_LINE_BYTES + lines

    def _size_error(self) -> HTTPException:
        is_url = len(self.url) > self.max_header_bytes - _REQUEST_LINE_BYTES
        return self._http_error(HTTPStatus.REQUEST_URI_TOO_LONG if is_url else 431)

    def _http_error(self, status: int, message: str = "") -> HTTPException:
        message = message or _PHRASES[status].format(limit=self.max_header_bytes)
        return HTTPException(status, message, {"Connection": "close"})

    def _handshake_error(self) -> HTTPException | None:
        """Return the error of a WebSocket handshake that the WebSocket protocol could not answer with an envelope."""
        line = http11.MAX_LINE_LENGTH
        if not self.url.isascii():
            return self._http_error(HTTPStatus.BAD_REQUEST)
        if len(self.url) + _REQUEST_LINE_BYTES > line:
            return HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG, f"URL of a WebSocket is longer than {line} bytes")
        sizes = [len(name) + len(value) + _HEADER_LINE_BYTES for name, value in self.headers]
        if len(sizes) > http11.MAX_NUM_HEADERS or max(sizes, default=0) > line:
            limit = f"{http11.MAX_NUM_HEADERS} headers of {line} bytes"
            return HTTPException(431, f"A WebSocket handshake has at most {limit}")
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers])
        method = self.scope["method"]
        response = ServerProtocol().accept(http11.Request(self.url.decode(), headers, method))
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            return None
        extra = {
            name: response.headers[name]
            for name in ("Upgrade", "Allow", "Sec-WebSocket-Version")
            if name in response.headers
        }
        return HTTPException(response.status_code, "WebSocket handshake is not valid", extra)

    def _reject(self, error: HTTPException | Refusal) -> None:
        """Answer with an error after the responses that are due, then close the connection."""
        if not self._is_active:
            return
        self._is_rejected = True
        self._stop_timers()
        previous = self._unfinished
        if previous is not None and self._is_in_body:
            if previous.response_started or self.pipeline:
                self._responses.close()
                return
            # the error is in the body that the application waits for
            previous.disconnected = True
            previous.message_event.set()
            previous = None
        self.cycle = RequestResponseCycle(
            scope=self._rejection_scope(error),
            transport=_LingeringTransport(self.transport, self.loop),  # type: ignore[arg-type]
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self.cycle.more_body = self._is_in_body = False
        if previous is None:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.pipeline.appendleft((self.cycle, self.app))

    def _rejection_scope(self, error: HTTPException | Refusal) -> Any:  # noqa: ANN401  uvicorn exports no type for it
        # an Origin lets the page that sent the request read the response; nothing else of a broken head is used
        known: Mapping[str, Any] | None = self.scope
        headers = self.headers if known else []
        path = (self.url if known else b"").partition(b"?")[0][:_SHOWN_PATH_BYTES].decode("latin-1")
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            # as HTTP/1.0, which has no Host header
            "http_version": "1.0",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": "",
            "method": known.get("method", UNREADABLE_METHOD) if known else UNREADABLE_METHOD,
            "path": path if path.startswith("/") else "/",
            "raw_path": b"/",
            "query_string": b"",
            "headers": [(name, value) for name, value in headers if name == b"origin"],
            "state": self.app_state.copy(),
            "extensions": {REJECTION_EXTENSION: error},
        }

    def _start_timer(self, seconds: float) -> None:
        if self._timer is None and not self._is_rejected:
            self._timer = self.loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        self._reject(self._error or self._http_error(HTTPStatus.REQUEST_TIMEOUT))

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._drain_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._drain_timer = None

    def _stop_counting(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self.connection_limit.close(self._address)


class _LingeringTransport:
    """The part of a transport that a response needs. It ends the stream, and closes the connection a little later."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._is_closing = False

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._is_closing or self._transport.is_closing()

    def close(self) -> None:
        if not self.is_closing():
            self._is_closing = True
            if self._transport.can_write_eof():
                self._transport.write_eof()
            self._loop.call_later(_LINGER_SECONDS, self._transport.close)
