"""How the application is served: uvicorn's settings, in one place."""

from typing import Final

import uvicorn
from starlette.applications import Starlette

from core.settings import Settings

_SOCKET_MESSAGE_BYTES: Final = 262_144


def config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Loopback unless asked for more; nobody's forwarded address is believed but a trusted proxy's."""
    server = settings.server
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=_SOCKET_MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(server.trusted_proxies),
        forwarded_allow_ips=list(server.trusted_proxies),
        timeout_graceful_shutdown=server.shutdown_seconds,
    )
