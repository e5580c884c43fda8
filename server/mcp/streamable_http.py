"""The transport of MCP over HTTP, without sessions: each request is complete, and any server process can answer it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from music_studio_client import AsyncMusicStudio
from starlette.requests import Request
from starlette.types import ASGIApp

from server.graphql_endpoint import GraphQLEndpoint
from server.mcp import in_process
from server.mcp.protocol import build_server

# the package logs each request
logging.getLogger("mcp").setLevel(logging.WARNING)


@asynccontextmanager
async def application(graphql: GraphQLEndpoint, max_body_bytes: int) -> AsyncIterator[ASGIApp]:
    """Open the ASGI application of the transport. Requests must have passed the checks of `endpoint`."""

    def connect(ctx: ServerRequestContext[Any, Any]) -> AsyncMusicStudio:
        assert isinstance(ctx.request, Request)  # noqa: S101  the package passes it on from HTTP
        return in_process.open_client(graphql, ctx.request)

    manager = StreamableHTTPSessionManager(build_server(connect), stateless=True, max_request_body_size=max_body_bytes)
    async with manager.run():
        yield manager.handle_request
