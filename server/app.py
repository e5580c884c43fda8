"""The composition root: settings to an ASGI application. There is no app object at import."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

import rest_compat.openapi.routes
import rest_compat.routes
import schema.schema
from core.errors import Refusal
from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access.context import Context, Services
from rest_compat import errors
from rest_compat.routes import Authenticators
from server import bootstrap
from server.authentication import Authenticator
from server.bootstrap import Opened
from server.graphql import trusted_documents
from server.graphql_endpoint import GraphQLEndpoint
from server.middleware import allowed_hosts
from server.middleware.access_log import AccessLogMiddleware
from server.middleware.allowed_hosts import AllowedHostsMiddleware
from server.middleware.body_limit import BodyLimitMiddleware
from server.middleware.errors import ErrorMiddleware
from server.middleware.security_headers import SecurityHeadersMiddleware
from server.routes import health, hls, jwks, media, metrics
from server.routes.metrics import Metrics
from storage.blobs import factory
from workers.telemetry import Telemetry


class State(TypedDict):
    """What every request finds in ``request.state``."""

    opened: Opened
    services: Services
    credentials: Authenticator


def create_app(settings: Settings) -> Starlette:
    """The whole product behind one address. Raises ValueError for settings that cannot work."""
    links = bootstrap.links(settings)
    blobs = factory.create(settings, links)
    trusted = trusted_documents.load(settings.graphql)
    graphql = GraphQLEndpoint(schema.schema.build_schema(settings.documents), settings, trusted)
    figures = Metrics()
    telemetry = Telemetry(settings.telemetry, "server")
    cards = EngineRegistry(settings.engines.enabled, settings.engines.default).infos

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[State]:  # noqa: ARG001  Starlette's
        async with bootstrap.opened(settings, blobs) as opened:
            credentials = Authenticator(opened.services.database, settings)
            async with graphql.connections.checking(credentials, str(settings.database_url)):
                yield {"opened": opened, "services": opened.services, "credentials": credentials}
        await asyncio.to_thread(telemetry.close)

    app = Starlette(
        routes=[
            Route("/", _home),
            Route("/graphql", graphql, methods=["GET", "POST", "OPTIONS"]),
            WebSocketRoute("/graphql", graphql),
            *rest_compat.routes.routes(Authenticators(_authenticate, _anybody)),
            *rest_compat.openapi.routes.routes(settings.public_url, cards),
            media.route(links),
            hls.ROUTE,
            jwks.ROUTE,
            *health.ROUTES,
            metrics.route(settings.metrics, figures),
        ],
        middleware=_middleware(settings, figures, telemetry),
        exception_handlers={Refusal: _refused, HTTPException: _protocol},
        lifespan=lifespan,
    )
    # a path with a slash too many is an unknown route, not a redirection
    app.router.redirect_slashes = False
    return app


def _middleware(settings: Settings, figures: Metrics, telemetry: Telemetry) -> list[Middleware]:
    middleware = [
        Middleware(AccessLogMiddleware, metrics=figures, telemetry=telemetry),
        Middleware(SecurityHeadersMiddleware, is_https=settings.public_url.startswith("https://")),
        Middleware(AllowedHostsMiddleware, names=allowed_hosts.hosts(settings)),
    ]
    if settings.server.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.server.cors_origins,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-API-Key"],
                expose_headers=[
                    *("Idempotency-Replayed", "Retry-After", "X-Request-Id"),
                    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
                ],
            )
        )
    # inside of those two, so that these answers, too, have an id and may be read by pages
    of_paths = {f"{rest_compat.routes.BASE}/verify": settings.receipts.max_file_bytes}
    server = settings.server
    limit = Middleware(BodyLimitMiddleware, server.max_body_bytes, server.body_seconds, of_paths)
    return [*middleware, Middleware(ErrorMiddleware), limit]


async def _authenticate(request: Request) -> Context:
    """The context of a REST request. Raises Unauthenticated when nothing valid is shown."""
    ctx = Context(
        request.state.services, await request.state.credentials.authenticate(request.headers), _address(request)
    )
    ctx.caller  # noqa: B018  an unknown caller ends here
    return ctx


async def _anybody(request: Request) -> Context:
    """The context of a request to a public operation."""
    return Context(request.state.services, None, _address(request))


def _address(request: Request) -> str:
    """The caller's address; uvicorn has put what a trusted proxy forwarded in its place."""
    return request.client.host if request.client else "unknown"


async def _home(request: Request) -> Response:  # noqa: ARG001  an endpoint takes one
    return RedirectResponse("/docs")


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001  a handler takes both
    assert isinstance(error, Refusal)  # noqa: S101  for the type checker; Starlette chose us by it
    return errors.refusal_response(error)


async def _protocol(request: Request, error: Exception) -> Response:  # noqa: ARG001  a handler takes both
    assert isinstance(error, HTTPException)  # noqa: S101  for the type checker; Starlette chose us by it
    return errors.http_error_response(error)
