"""Give each request an id; record it in the access log, the metrics and, if enabled, a trace."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import Token
from types import TracebackType
from typing import Any, Final, Self

from prometheus_client import Histogram
from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from core import ids, logs
from server.asgi_server.http_protocol import UNREADABLE_METHOD
from server.routes.metrics import Metrics
from workers.telemetry import Telemetry

log = logging.getLogger("server.access")

RawHeaders = list[tuple[bytes, bytes]]

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PATCH", "DELETE", "PUT"})
"""Values of the metric's method label; any other method counts as OTHER."""


class AccessLog:
    """Writes requests to the log and the metrics. The id of each is in its log lines and in ``X-Request-Id``."""

    def __init__(self, metrics: Metrics, telemetry: Telemetry) -> None:
        self.metrics, self.telemetry = metrics, telemetry
        self.new_id = ids.Generator(ids.Kind.REQUEST).new
        self._finished: list[RequestRecord] = []
        self._durations: dict[tuple[str, int], Histogram] = {}

    def record(self, scope: Scope, send: Send) -> "RequestRecord":
        """Return the record of a request, a context manager around its handling."""
        return RequestRecord(scope, send, self)

    def observe(self, method: str, status: int, seconds: float) -> None:
        """Observe the duration of a request."""
        key = (method if method in _METHODS else "OTHER", status)
        if key not in self._durations:
            self._durations[key] = self.metrics.requests.labels(*key)
        self._durations[key].observe(seconds)

    def write_soon(self, record: "RequestRecord") -> None:
        """Write records that finish in one loop iteration together: a log line costs half if it follows another."""
        self._finished.append(record)
        if len(self._finished) == 1:
            asyncio.get_running_loop().call_soon(self._write_all)

    def _write_all(self) -> None:
        finished, self._finished = self._finished, []
        with logs.batch() as batch:
            for record in finished:
                logs.trace_id.set(record.id)
                logs.job_ids.set(record.jobs)
                record.write(batch)


class RequestRecord:
    """One request with its response, or one WebSocket from its opening to its end."""

    def __init__(self, scope: Scope, send: Send, access_log: AccessLog) -> None:
        self.id = access_log.new_id()
        self.is_started = False
        """Whether the response has begun."""
        self.add_headers: Callable[[RawHeaders], None] | None = None
        """Adds headers to those of the response."""
        self._scope, self._send, self._log = scope, send, access_log
        self._started = time.perf_counter()
        self._seconds = 0.0
        self._status = 0
        self._is_open = False
        # a dict keeps each code once, in order; a WebSocket may stay open for days
        self._codes: dict[str, None] = {}
        self.jobs: dict[str, None] = {}
        self._tokens: tuple[Token[Any], ...] = ()
        self._spans: ExitStack | None = None

    def __enter__(self) -> Self:
        self._tokens = (
            logs.error_code_listener.set(self.record_error_code),
            logs.trace_id.set(self.id),
            logs.job_ids.set(self.jobs),
        )
        if self._log.telemetry.is_on:
            self._spans = ExitStack()
            self._spans.enter_context(self._span(self._log.telemetry))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._spans is not None:
                self._spans.__exit__(kind, error, traceback)
        finally:
            self._finish()
            self._log.write_soon(self)
            listener, trace_id, jobs = self._tokens
            # the task of a WebSocket may end in another context than the one it began in
            with suppress(ValueError):
                logs.error_code_listener.reset(listener)
                logs.trace_id.reset(trace_id)
                logs.job_ids.reset(jobs)

    @contextmanager
    def _span(self, telemetry: Telemetry) -> Iterator[None]:
        """Record a span around the request, as a child of the client's ``traceparent`` if it sends one."""
        method, parent = self._scope.get("method", "SOCKET"), Headers(scope=self._scope).get("traceparent")
        attributes = {"http.request.method": method, "url.path": logs.redact(self._scope["path"]), "request": self.id}
        with telemetry.span(method, "SERVER", parent, attributes) as result_attributes:
            yield
            result_attributes["http.response.status_code"] = self._status

    async def send(self, message: Message) -> None:
        """Pass a message on, complete its headers and read its status."""
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.is_started = True
                self._status = message["status"]
                headers: RawHeaders = message["headers"]
                if self.add_headers is not None:
                    self.add_headers(headers)
                headers.append((b"x-request-id", self.id.encode()))
            case "websocket.accept":
                self._log.metrics.sockets.inc()
                self._is_open = True
            case "websocket.close":
                self._status = message.get("code", 1000)
        await self._send(message)

    def record_error_code(self, code: str) -> None:
        """Record an error code of the response."""
        self._codes[code] = None
        self._log.metrics.errors.labels(code).inc()

    def _finish(self) -> None:
        self._seconds = time.perf_counter() - self._started
        if self._is_open:
            self._log.metrics.sockets.dec()

    def write(self, batch: logs.Batch) -> None:
        """Write the log line and observe the metrics."""
        # without the query, which may contain a signature; the log formatter redacts secrets in the path
        method = self._scope.get("method", "SOCKET")
        extra = {"status": self._status, "ms": round(self._seconds * 1000, 1), "path": self._scope["path"]}
        if method == UNREADABLE_METHOD:
            del extra["path"]
        if self._codes:
            extra["codes"] = list(self._codes)
        batch.info(log, "unreadable request" if method == UNREADABLE_METHOD else method, extra)
        if method != "SOCKET":
            self._log.observe(method, self._status, self._seconds)
