"""The route table, and authentication, rate limiting and error handling of its endpoints."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.errors import RateLimited, Refusal, Unavailable
from resolvers.access import rate_limits
from resolvers.access.context import Context
from rest_compat import (
    collections,
    engines,
    errors,
    focus,
    generations,
    receipts,
    reference_audios,
    responses,
    shared_files,
    sharing,
    tracks,
    usage,
)
from rest_compat.operations import Operation, Tag

BASE: Final = "/v1/music"

TAGS: Final[Sequence[Tag]] = [
    module.TAG
    for module in (
        *(engines, generations, reference_audios, tracks, collections),
        *(focus, sharing, shared_files, usage, receipts),
    )
]
ALL_OPERATIONS: Final[Sequence[Operation]] = [operation for tag in TAGS for operation in tag.operations]

Authenticate = Callable[[Request], Awaitable[Context]]


def routes(authenticate: Authenticate, anonymous: Authenticate) -> list[Route]:
    """Build one Starlette route for each path, so that 405 responses list all methods of a path.

    ``authenticate`` builds the context of a request or raises Unauthenticated; ``anonymous`` ignores credentials.
    """
    paths: dict[str, dict[str, Operation]] = {}
    # literal prefixes go before the organization id, which matches every prefix
    for operation in sorted(ALL_OPERATIONS, key=lambda operation: operation.path.startswith("/{")):
        paths.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(BASE + path, _Endpoint(operations, authenticate, anonymous), methods=list(operations))
        for path, operations in paths.items()
    ]


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """ASGI application of one path. The application's exception handlers render what it raises."""

    operations: Mapping[str, Operation]
    authenticate: Authenticate
    anonymous: Authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        await (await self._respond(request))(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        operation = self.operations["GET" if request.method == "HEAD" else request.method]
        if operation.is_public:
            return await operation.respond(await self.anonymous(request), request)
        ctx = await self.authenticate(request)
        limit = await rate_limits.take(ctx)
        # errors are rendered here, so that they have rate limit headers as well
        is_final = False
        try:
            if limit.wait_seconds:
                raise RateLimited(limit.wait_seconds)
            response = await operation.respond(ctx.for_change() if operation.is_change else ctx, request)
        except (Refusal, HTTPException) as error:
            response = errors.error_response(error)
            is_final = not isinstance(error, RateLimited | Unavailable)
        responses.add_headers(response, rate_limits.headers(ctx, limit, is_final=is_final))
        return response
