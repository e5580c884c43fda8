"""Gives each request its id, and tells in one line and a few figures how it went."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import ids, logs
from server.routes.metrics import Metrics
from workers.telemetry import Telemetry

log = logging.getLogger("server.access")

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE", "PUT"})
"""Whatever else a client invents is counted as one."""


class AccessLogMiddleware:
    """ASGI middleware: the id is in the log's lines, in ``X-Request-Id`` and in every error that leaves."""

    def __init__(self, app: ASGIApp, metrics: Metrics, telemetry: Telemetry) -> None:
        self.app = app
        self.metrics = metrics
        self.telemetry = telemetry
        self._ended: list[_Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self.metrics)
        trace_id, listener = logs.trace_id.set(exchange.id), logs.error_code_listener.set(exchange.hear)
        try:
            if self.telemetry.is_on:
                with exchange.span(self.telemetry):
                    await self.app(scope, receive, exchange.send)
            else:
                await self.app(scope, receive, exchange.send)
        finally:
            exchange.end()
            self._note(exchange)
            # a socket's task may end in another context than it began in
            with suppress(ValueError):
                logs.error_code_listener.reset(listener)
                logs.trace_id.reset(trace_id)

    def _note(self, exchange: "_Exchange") -> None:
        """What ends in the same moment is told together: a line of log costs half when it follows another."""
        self._ended.append(exchange)
        if len(self._ended) == 1:
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        ended, self._ended = self._ended, []
        for exchange in ended:
            logs.trace_id.set(exchange.id)
            exchange.tell()


class _Exchange:
    """One request and its answer, or one socket from its opening to its end."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics) -> None:
        self.id = ids.new(ids.Kind.REQUEST)
        self._scope, self._send, self._metrics = scope, send, metrics
        self._started = time.perf_counter()
        self._seconds = 0.0
        self._status = 0
        self._is_open = False
        # each once, in order: a socket may live for days
        self._codes: dict[str, None] = {}

    @contextmanager
    def span(self, telemetry: Telemetry) -> Iterator[None]:
        """Around the whole, inside of the caller's own trace if it has one."""
        method, parent = self._scope.get("method", "SOCKET"), Headers(scope=self._scope).get("traceparent")
        facts = {"http.request.method": method, "url.path": logs.redact(self._scope["path"]), "request": self.id}
        with telemetry.span(method, "SERVER", parent, facts) as learned:
            yield
            learned["http.response.status_code"] = self._status

    async def send(self, message: Message) -> None:
        """Pass a message on, and see what it says."""
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self._status = message["status"]
                message["headers"].append((b"x-request-id", self.id.encode()))
            case "websocket.accept":
                self._metrics.sockets.inc()
                self._is_open = True
            case "websocket.close":
                self._status = message.get("code", 1000)
        await self._send(message)

    def hear(self, code: str) -> None:
        """An error code goes out."""
        self._codes[code] = None
        self._metrics.errors.labels(code).inc()

    def end(self) -> None:
        """It is over."""
        self._seconds = time.perf_counter() - self._started
        if self._is_open:
            self._metrics.sockets.dec()

    def tell(self) -> None:
        """Write down how it went."""
        # a query may hold a signature; what a path may hold is taken out where the line is written
        extra = {"status": self._status, "ms": round(self._seconds * 1000, 1), "path": self._scope["path"]}
        if self._codes:
            extra["codes"] = list(self._codes)
        method = self._scope.get("method", "SOCKET")
        log.info(method, extra=extra)
        if method != "SOCKET":
            self._metrics.requests.labels(method if method in _METHODS else "OTHER", self._status).observe(
                self._seconds
            )
