"""How the application is served: uvicorn's settings, in one place."""

import asyncio
from typing import Final

import uvicorn
from starlette.applications import Starlette

from core.settings import ServerSettings, Settings
from server.patience import Patience

_UNSENT_BYTES: Final = 16_384


class _Frugal(Patience):
    """Keeps little of what a slow listener has not taken yet: there may be thousands of them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=_UNSENT_BYTES)


def _protocol(server: ServerSettings) -> type[_Frugal]:
    """Uvicorn makes one for each connection, and hands over settings of its own only."""

    class Protocol(_Frugal):
        header_seconds = server.header_seconds
        max_header_bytes = server.max_header_bytes

    return Protocol


def config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Loopback unless asked for more; nobody's forwarded address is believed but a trusted proxy's."""
    server = settings.server
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        http=_protocol(server),
        ws="websockets-sansio",
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
