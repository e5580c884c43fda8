"""Sign in to the studio page at an identity provider (OpenID Connect)."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.errors import RateLimited, Refusal, Unauthenticated, Unavailable
from core.network import links
from core.settings import Settings
from resolvers.access import browser_sessions, rate_limits
from resolvers.access.context import Context, Services
from server import session_cookie
from server.authentication import client_ip
from server.openid_provider import Attempt, OpenIdProvider, SignInError, SignInProblem
from server.routes.browser_sessions import browser_name
from server.routes.studio_page import PATH, Document

START: Final = f"{PATH}/openid"
CALLBACK: Final = f"{START}/callback"
COOKIE: Final = "music_studio_openid"
_ATTEMPT_SECONDS: Final = 600
_STATUSES: Final[Mapping[SignInProblem, int]] = {
    SignInProblem.DENIED: 403,
    SignInProblem.EXPIRED: 400,
    SignInProblem.REFUSED: 403,
    SignInProblem.BUSY: 429,
    SignInProblem.UNAVAILABLE: 503,
}


class OpenIdSignIn:
    """The routes, which share one client of the provider. The page explains a failure, by its status."""

    def __init__(self, settings: Settings, page: Document) -> None:
        self._lifetime = timedelta(hours=settings.openid.session_hours)
        self._provider = OpenIdProvider(settings.openid, settings.tokens)
        self._page = page
        self.routes = [Route(START, self._start), Route(CALLBACK, self._finish)]

    async def aclose(self) -> None:
        await self._provider.aclose()

    async def _start(self, request: Request) -> Response:
        """Send the browser to the provider, with a cookie by which its return is recognized."""
        attempt = Attempt.new()
        try:
            await _take_from_rate_limit(request)
            url = await self._provider.authorization_url(attempt, _redirect_uri(request))
        except Refusal as error:
            return self._fail(request, error)
        response = _redirect(url)
        # "lax": the provider's redirect is a navigation that another site started
        response.set_cookie(
            COOKIE,
            attempt.to_text(),
            _ATTEMPT_SECONDS,
            path=_cookie_path(request),
            secure=request.state.base_url.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return response

    async def _finish(self, request: Request) -> Response:
        """Start a session for the user whom the provider identifies; end the attempt in any case."""
        try:
            await _take_from_rate_limit(request)
            response = await self._sign_in(request)
        except (Refusal, SignInError) as error:
            response = self._fail(request, error)
        response.delete_cookie(COOKIE, path=_cookie_path(request), httponly=True, samesite="lax")
        return response

    async def _sign_in(self, request: Request) -> Response:
        query = request.query_params
        attempt = Attempt.from_text(cookie_parser(request.headers.get("cookie", "")).get(COOKIE, ""))
        if attempt is None or not secrets.compare_digest(query.get("state", "").encode(), attempt.state.encode()):
            raise SignInError(SignInProblem.EXPIRED)
        if "error" in query:
            is_denied = query["error"] == "access_denied"
            raise SignInError(SignInProblem.DENIED if is_denied else SignInProblem.REFUSED)
        identity = await self._provider.identify(attempt, query.get("code", ""), _redirect_uri(request))
        services: Services = request.state.services
        name = browser_name(request)
        session = await browser_sessions.sign_in_by_token(services.database, identity, self._lifetime, name)
        response = _redirect(f"{links.prefix_of(request.state.base_url)}{PATH}")
        session_cookie.set_on(response, session, int(self._lifetime.total_seconds()), request.state.base_url)
        return response

    def _fail(self, request: Request, error: Refusal | SignInError) -> Response:
        match error:
            case SignInError():
                problem = error.problem
            case Unavailable():
                problem = SignInProblem.UNAVAILABLE
            case RateLimited():
                problem = SignInProblem.BUSY
            case Unauthenticated():
                problem = SignInProblem.REFUSED
            case _:
                raise error
        response = self._page(request, _STATUSES[problem], problem.value)
        if isinstance(error, Unavailable | RateLimited):
            response.headers["Retry-After"] = str(error.retry_after)
        return response


async def _take_from_rate_limit(request: Request) -> None:
    """Count an attempt for the rate limit of the address. Raises RateLimited."""
    limit = await rate_limits.take(Context(request.state.services, None, client_ip(request)))
    if limit.wait_seconds:
        raise RateLimited(limit.wait_seconds)


def _redirect_uri(request: Request) -> str:
    return f"{request.state.base_url}{CALLBACK}"


def _redirect(url: str) -> Response:
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


def _cookie_path(request: Request) -> str:
    return f"{links.prefix_of(request.state.base_url)}{START}"
