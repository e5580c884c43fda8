"""Gives each request its id, and writes one line about how it went."""

import logging
import time
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import ids, logs

log = logging.getLogger("server.access")


class Tracing:
    """ASGI middleware: the id is in the log's lines, in ``X-Request-Id`` and in every error that leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        trace_id = ids.new(ids.Kind.REQUEST)
        token = logs.trace_id.set(trace_id)
        started = time.perf_counter()
        status = 0

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = trace_id
            elif message["type"] == "websocket.close":
                status = message.get("code", 1000)
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            # the query may hold a signature: only the path is written down
            extra = {"status": status, "ms": round((time.perf_counter() - started) * 1000, 1), "path": scope["path"]}
            log.info(scope.get("method", "SOCKET"), extra=extra)
            with suppress(ValueError):
                logs.trace_id.reset(token)
