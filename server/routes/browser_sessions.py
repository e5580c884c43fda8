"""Sign in (``POST /studio/session``) and out (``DELETE``) in a browser; the session is kept in a cookie."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Forbidden, RateLimited
from resolvers.access import browser_sessions, rate_limits
from resolvers.access.browser_sessions import SignIn
from resolvers.access.context import Context, Services
from rest_compat import requests
from server import request_origin, session_cookie
from server.authentication import client_ip

PATH: Final = "/studio/session"
_MAX_NAME_CHARACTERS: Final = 255


async def _sign_in(request: Request) -> Response:
    """Start a session by ``{"code": …}`` or ``{"api_key": …}``, and end the one that the browser had.

    Attempts count for the rate limit of the address.
    """
    services: Services = request.state.services
    _require_own_page(request)
    limit = await rate_limits.take(Context(services, None, client_ip(request)))
    if limit.wait_seconds:
        raise RateLimited(limit.wait_seconds)
    command = await requests.body(request, SignIn)
    lifetime = timedelta(days=services.settings.server.session_days)
    session = await browser_sessions.sign_in(services.database, command, lifetime, browser_name(request))
    previous = session_cookie.read(request.headers)
    if previous is not None:
        await browser_sessions.sign_out(services.database, previous)
    response = Response(status_code=204)
    session_cookie.set_on(response, session, int(lifetime.total_seconds()), request.state.base_url)
    return response


def browser_name(request: Request) -> str:
    """Return the name of the session that a request starts."""
    return request.headers.get("user-agent", "browser").replace("\x00", "")[:_MAX_NAME_CHARACTERS]


async def _sign_out(request: Request) -> Response:
    _require_own_page(request)
    session = session_cookie.read(request.headers)
    if session is not None:
        await browser_sessions.sign_out(request.state.services.database, session)
    response = Response(status_code=204)
    session_cookie.delete_from(response, request.state.base_url)
    return response


def _require_own_page(request: Request) -> None:
    public_url = request.state.services.settings.public_url
    if request_origin.is_cross_origin(request.headers, {request_origin.origin_of(public_url)}):
        raise Forbidden("Pages of other origins cannot sign in or out here")


ROUTES: Final = (Route(PATH, _sign_in, methods=["POST"]), Route(PATH, _sign_out, methods=["DELETE"]))
