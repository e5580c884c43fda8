"""How the application is served: uvicorn's settings, in one place."""

import gc
from typing import Final

import uvicorn
from starlette.applications import Starlette

from core.settings import ServerSettings, Settings
from server.asgi_server import protocols

_YOUNG_OBJECTS: Final = 10_000
"""So many objects more than were let go of, and the collector looks for cycles; by default so does each request."""


def _protocol(server: ServerSettings) -> type[protocols.LowMemoryHttpProtocol]:
    """Uvicorn makes one for each connection, and hands over settings of its own only."""

    class Protocol(protocols.LowMemoryHttpProtocol):
        header_seconds = server.header_seconds
        max_header_bytes = server.max_header_bytes

    return Protocol


def uvicorn_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Loopback unless asked for more; nobody's forwarded address is believed but a trusted proxy's."""
    server = settings.server
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        http=_protocol(server),
        ws=protocols.LowMemoryWebSocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=settings.sockets.max_message_bytes,
        ws_ping_interval=server.socket_ping_seconds,
        ws_ping_timeout=server.socket_ping_seconds,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=list(server.trusted_proxies),
        timeout_graceful_shutdown=server.shutdown_seconds,
    )


def settle() -> None:
    """What was made at the start stays for good: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
