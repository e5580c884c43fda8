"""The endpoint ``/mcp``: who may send a request, and the start of the MCP server with the first one.

Importing the protocol and the client takes a second of CPU time and 26 MB; a server without agents needs neither.
"""

import asyncio
import contextvars
import importlib
from contextlib import AbstractAsyncContextManager
from typing import Final

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Forbidden, RateLimited, Refusal, Unauthenticated
from core.settings import Settings
from resolvers.access import rate_limits
from resolvers.access.context import Context
from rest_compat import errors
from server import request_origin
from server.authentication import client_ip
from server.graphql_endpoint import GraphQLEndpoint

PATH: Final = "/mcp"


class McpEndpoint:
    """ASGI application for MCP requests. Needs credentials for each, and takes it from the caller's rate limit."""

    def __init__(self, graphql: GraphQLEndpoint, settings: Settings) -> None:
        self._graphql = graphql
        self._max_body_bytes = settings.server.max_body_bytes
        self._lock = asyncio.Lock()
        self._application: ASGIApp | None = None
        self._closing = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def route(self) -> Route:
        # GET and DELETE are for sessions, which this server does not have
        return Route(PATH, self, methods=["POST"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            headers = await self._admit(request)
        except Refusal as refusal:
            await errors.error_response(refusal)(scope, receive, send)
            return
        application = self._application or await self._open()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await application(scope, receive, send_with_headers)

    async def aclose(self) -> None:
        self._closing.set()
        if self._running is not None:
            await self._running

    async def _admit(self, request: Request) -> list[tuple[bytes, bytes]]:
        """Return the rate limit headers of the response.

        Raises Forbidden, Unauthenticated, RateLimited, Unavailable.
        """
        if request_origin.is_cross_origin(request.headers, self._graphql.origins):
            raise Forbidden("Requests of this origin are not allowed; add it to MUSIC_STUDIO_SERVER__CORS_ORIGINS")
        caller = await request.state.authenticator.authenticate(request.headers)
        if caller is None:
            raise Unauthenticated
        ctx = Context(request.state.services, caller, client_ip(request), request.state.base_url)
        limit = await rate_limits.take(ctx)
        if limit.wait_seconds:
            raise RateLimited(limit.wait_seconds)
        return [(name.lower().encode(), value.encode()) for name, value in rate_limits.headers(ctx, limit).items()]

    async def _open(self) -> ASGIApp:
        async with self._lock:
            if self._application is None:
                module = await asyncio.to_thread(importlib.import_module, "server.mcp.streamable_http")
                opened: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
                # a task of its own, because the task that enters its task group must leave it
                run = self._run(module.application(self._graphql, self._max_body_bytes), opened)
                self._running = asyncio.create_task(run, context=contextvars.Context())
                self._application = await opened
            return self._application

    async def _run(self, opening: AbstractAsyncContextManager[ASGIApp], opened: asyncio.Future[ASGIApp]) -> None:
        async with opening as application:
            opened.set_result(application)
            await self._closing.wait()
