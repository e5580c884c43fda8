"""uvicorn configuration, its log records, and garbage collector tuning for the server process."""

import gc
import logging
from typing import Final

import uvicorn
from starlette.applications import Starlette

from core.settings import Settings
from server.asgi_server.connection_limit import ConnectionLimit
from server.asgi_server.http_protocol import LimitedHttpProtocol
from server.asgi_server.trusted_proxies import TrustedProxies
from server.asgi_server.websocket_protocol import LowMemoryWebSocketProtocol

_GC_THRESHOLD: Final = 10_000
"""Allocations minus deallocations that start a young collection. Python's default is so low that each request does."""


_LOGGED_REQUESTS: Final = frozenset({"Invalid HTTP request received.", "Unsupported upgrade request."})
"""Warnings of uvicorn about a request that has a line in the access log: a rejected one, or an upgrade to HTTP/2."""


def _is_not_in_access_log(record: logging.LogRecord) -> bool:
    return record.msg not in _LOGGED_REQUESTS


def uvicorn_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration. The application reads the headers of proxies."""
    logging.getLogger("uvicorn.error").addFilter(_is_not_in_access_log)
    server = settings.server
    # uvicorn passes only its own settings to the protocol's constructor
    limits = {
        "header_seconds": server.header_seconds,
        "body_seconds": server.body_seconds,
        "max_header_bytes": server.max_header_bytes,
        "connection_limit": ConnectionLimit(server.max_connections_per_address, TrustedProxies(server.trusted_proxies)),
    }
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        http=type("HttpProtocol", (LimitedHttpProtocol,), limits),
        ws=LowMemoryWebSocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=settings.sockets.max_message_bytes,
        ws_ping_interval=server.socket_ping_seconds,
        ws_ping_timeout=server.socket_ping_seconds,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=server.keep_alive_seconds,
        timeout_graceful_shutdown=server.shutdown_seconds,
    )


def freeze_startup_objects() -> None:
    """Exclude the objects created at startup from garbage collection: they live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, *gc.get_threshold()[1:])
