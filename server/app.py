"""Application factory: builds the Starlette application from settings."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

import rest_compat.openapi.routes
import rest_compat.routes
import schema.schema
from core.errors import Refusal, Unauthenticated
from core.network import links
from core.settings import DocumentSettings, Settings
from engines.registry import create_registry
from resolvers.access.context import Context
from rest_compat import errors, link_previews, public_page
from rest_compat.responses import JsonResponse
from schema.execution import CompiledSchema
from server import bootstrap
from server.authentication import Authenticator, client_ip, first_headers
from server.graphql import trusted_documents
from server.graphql.graphiql import page as graphiql
from server.graphql_endpoint import GraphQLEndpoint
from server.mcp.endpoint import McpEndpoint
from server.middleware.access_log import AccessLog
from server.middleware.addresses import AllowedHosts, ForwardedHeadersMiddleware
from server.middleware.body_limit import BodyLimit
from server.middleware.cors import Cors
from server.middleware.request import RequestMiddleware, RequestRules
from server.middleware.security import SecurityHeaders
from server.routes import browser_sessions, health, hls, media, metrics, page_documents, studio_page
from server.routes.metrics import Metrics
from server.routes.table import RouteTable
from storage.blobs import factory
from storage.postgres import notifications
from workers.telemetry import Telemetry

if TYPE_CHECKING:
    from server.routes.openid_sign_in import OpenIdSignIn

_KEYS_PATH: Final = "/.well-known/music-studio-keys.json"
_REFERENCE_AUDIO_FILE: Final = re.compile(f"{re.escape(rest_compat.routes.BASE)}/[^/]+/reference-audios/[^/]+/file")
_API_PATHS: Final = ("/v1/", "/graphql", "/mcp")
"""Paths where even browsers get JSON errors, as the contract of REST says."""
_KEYS_HEADERS: Final = {"Cache-Control": "public, max-age=300"}


def create_app(settings: Settings) -> Starlette:
    """Build the ASGI application: REST, GraphQL, media and metrics. Raises ValueError for invalid settings."""
    url_signer = bootstrap.build_url_signer(settings)
    blobs = factory.create(settings, url_signer)
    trusted = trusted_documents.load(settings.graphql, page_documents.documents)
    graphql = GraphQLEndpoint(build_schema(settings.documents), settings, trusted)
    mcp = McpEndpoint(graphql, settings)
    server_metrics = Metrics()
    telemetry = Telemetry(settings.telemetry, "server")
    engine_infos = create_registry(settings.engines).infos

    page = studio_page.Document(blobs.download_origin, settings.openid.issuer and settings.openid.name)
    openid = _create_sign_in(settings, page)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:  # noqa: ARG001  Starlette passes it
        async with bootstrap.open_resources(settings, blobs) as (services, events):
            authenticator = Authenticator(services.database, settings)
            checks = graphql.connections.run_checks(
                authenticator, notifications.listening_connector(settings, services.database.connector)
            )
            async with aclosing(authenticator), checks, AsyncExitStack() as stack:
                stack.push_async_callback(mcp.aclose)
                if openid:
                    stack.push_async_callback(openid.aclose)
                # the attributes of request.state
                readiness = health.Readiness(services, events)
                yield {
                    "services": services,
                    "events": events,
                    "authenticator": authenticator,
                    "readiness": readiness,
                    "studio_page": studio_page.addresses(),
                }
        await asyncio.to_thread(telemetry.close)

    app = _Application(
        _rules(settings, server_metrics, telemetry),
        settings.server.trusted_proxies,
        routes=[
            Route("/", _redirect_to_studio),
            Route("/graphql", graphql, methods=["GET", "POST", "OPTIONS"]),
            WebSocketRoute("/graphql", graphql),
            graphiql.ROUTE,
            mcp.route,
            *rest_compat.routes.routes(_authenticate, _anonymous),
            *rest_compat.openapi.routes.routes(engine_infos),
            media.route(url_signer),
            hls.ROUTE,
            Route(_KEYS_PATH, _get_keys),
            *browser_sessions.ROUTES,
            *(openid.routes if openid else ()),
            *studio_page.routes(page),
            *health.ROUTES,
            metrics.route(settings.metrics, server_metrics),
        ],
        lifespan=lifespan,
    )
    # a path with a trailing slash is an unknown route, not a redirect
    app.router.redirect_slashes = False
    return app


@cache
def build_schema(documents: DocumentSettings) -> CompiledSchema:
    """Build the schema with limits for documents; applications of one process share it."""
    return schema.schema.build_schema(documents)


def _create_sign_in(settings: Settings, page: studio_page.Document) -> "OpenIdSignIn | None":
    """Return the sign-in at an identity provider, None without a provider in the settings."""
    if settings.openid.issuer is None:
        return None
    from server.routes.openid_sign_in import OpenIdSignIn  # noqa: PLC0415  loads Authlib only where it is needed

    return OpenIdSignIn(settings, page)


class _Application(Starlette):
    """A Starlette application with one middleware in place of Starlette's own."""

    def __init__(self, rules: RequestRules, proxies: Sequence[str], **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._rules, self._proxies = rules, proxies

    def build_middleware_stack(self) -> ASGIApp:
        """Return the application around the routes."""
        app = RequestMiddleware(RouteTable(self.router), self._rules)
        return ForwardedHeadersMiddleware(app, self._proxies) if self._proxies else app


def _rules(settings: Settings, server_metrics: Metrics, telemetry: Telemetry) -> RequestRules:
    server = settings.server
    limits_by_path = (
        (re.compile(re.escape(f"{rest_compat.routes.BASE}/verify")), settings.receipts.max_file_bytes),
        (_REFERENCE_AUDIO_FILE, settings.reference_audio.max_file_bytes),
    )
    return RequestRules(
        AccessLog(server_metrics, telemetry),
        AllowedHosts(settings),
        Cors(server.cors_origins, server.cors_headers),
        SecurityHeaders(is_https=settings.public_url.startswith("https://")),
        BodyLimit(server.max_body_bytes, server.body_seconds, server.min_body_bytes_per_second, limits_by_path),
        _handle_error,
    )


async def _authenticate(request: Request) -> Context:
    """Return the context of a REST request. Raises Unauthenticated without valid credentials."""
    identity = await request.state.authenticator.authenticate(first_headers(request))
    if identity is None:
        raise Unauthenticated
    return Context(request.state.services, identity, client_ip(request), request.state.base_url)


async def _anonymous(request: Request) -> Context:
    """Return the context of a request to a public operation."""
    return Context(request.state.services, None, client_ip(request), request.state.base_url)


async def _get_keys(request: Request) -> Response:
    """Return the public keys that verify receipts, as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    return JsonResponse(request.state.services.receipt_signer.to_jwks(), headers=_KEYS_HEADERS)


async def _redirect_to_studio(request: Request) -> Response:
    # without a host: the client stays on the one that it uses
    return RedirectResponse(f"{links.prefix_of(request.state.base_url)}{studio_page.PATH}")


async def _handle_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal | HTTPException)  # noqa: S101  narrows the type; Starlette selects the handler by it
    is_unknown = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
    is_api = request.scope["path"].startswith(_API_PATHS)
    if is_unknown and not is_api and link_previews.wants_page(request):
        return public_page.render_unknown(request)
    return errors.error_response(error)
