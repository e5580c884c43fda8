"""How the application is served: uvicorn's settings, in one place."""

import uvicorn
from starlette.applications import Starlette

from core.settings import Settings
from server import frugal


def config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Loopback unless asked for more; nobody's forwarded address is believed but a trusted proxy's."""
    server = settings.server
    return uvicorn.Config(
        app,
        host=server.host,
        port=server.port,
        http=frugal.Listeners,
        ws=frugal.Sockets,
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
