"""The route table: each operation with its method, path, handler and the GraphQL field it mirrors."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.errors import RateLimited, Refusal
from resolvers.access import rate_limits
from resolvers.access.context import Context
from rest_compat import collections, errors, focus, generations, receipts, responses, sharing, tracks
from storage.redis.rate_limits import RateLimitResult

BASE: Final = "/v1/music"

Handler = Callable[[Context, Request], Awaitable[Response]]
Authenticate = Callable[[Request], Awaitable[Context]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the contract's table; ``graphql_field`` names the GraphQL field that does the same.

    A public operation ignores credentials, even bad ones.
    """

    name: str
    method: str
    path: str
    handler: Handler
    graphql_field: str
    is_public: bool = False


OPERATIONS: Final[Sequence[Operation]] = (
    Operation("engines", "GET", "/{organization_id}/engines", generations.list_engines, "Organization.engines"),
    Operation(
        "create-generation", "POST", "/{organization_id}/generations", generations.create, "Mutation.createGeneration"
    ),
    Operation(
        "list-generations", "GET", "/{organization_id}/generations", generations.list_, "Organization.generations"
    ),
    Operation(
        "get-generation", "GET", "/{organization_id}/generations/{job_id}", generations.get, "Organization.generation"
    ),
    Operation(
        "cancel-generation",
        "POST",
        "/{organization_id}/generations/{job_id}/cancel",
        generations.cancel,
        "Mutation.cancelGeneration",
    ),
    Operation("list-tracks", "GET", "/{organization_id}/tracks", tracks.list_, "Organization.library"),
    Operation("get-track", "GET", "/{organization_id}/tracks/{track_id}", tracks.get, "Organization.track"),
    Operation("save-track", "POST", "/{organization_id}/tracks/{track_id}/save", tracks.save, "Mutation.saveTrack"),
    Operation(
        "unsave-track", "DELETE", "/{organization_id}/tracks/{track_id}/save", tracks.unsave, "Mutation.unsaveTrack"
    ),
    Operation("delete-track", "DELETE", "/{organization_id}/tracks/{track_id}", tracks.delete, "Mutation.deleteTrack"),
    Operation(
        "create-collection", "POST", "/{organization_id}/collections", collections.create, "Mutation.createCollection"
    ),
    Operation(
        "list-collections", "GET", "/{organization_id}/collections", collections.list_, "Organization.collections"
    ),
    Operation(
        "get-collection",
        "GET",
        "/{organization_id}/collections/{collection_id}",
        collections.get,
        "Organization.collection",
    ),
    Operation(
        "update-collection",
        "PATCH",
        "/{organization_id}/collections/{collection_id}",
        collections.update,
        "Mutation.updateCollection",
    ),
    Operation(
        "delete-collection",
        "DELETE",
        "/{organization_id}/collections/{collection_id}",
        collections.delete,
        "Mutation.deleteCollection",
    ),
    Operation(
        "add-collection-track",
        "POST",
        "/{organization_id}/collections/{collection_id}/tracks",
        collections.add,
        "Mutation.addCollectionTrack",
    ),
    Operation(
        "remove-collection-track",
        "DELETE",
        "/{organization_id}/collections/{collection_id}/tracks/{track_id}",
        collections.remove,
        "Mutation.removeCollectionTrack",
    ),
    Operation(
        "list-collection-tracks",
        "GET",
        "/{organization_id}/collections/{collection_id}/tracks",
        collections.members,
        "Collection.tracks",
    ),
    Operation(
        "reorder-collection",
        "PATCH",
        "/{organization_id}/collections/{collection_id}/order",
        collections.reorder,
        "Mutation.reorderCollection",
    ),
    Operation(
        "start-focus-session", "POST", "/{organization_id}/focus/sessions", focus.start, "Mutation.startFocusSession"
    ),
    Operation(
        "get-focus-session",
        "GET",
        "/{organization_id}/focus/sessions/{session_id}",
        focus.get,
        "Organization.focusSession",
    ),
    Operation(
        "end-focus-session",
        "POST",
        "/{organization_id}/focus/sessions/{session_id}/end",
        focus.end,
        "Mutation.endFocusSession",
    ),
    Operation(
        "promote-focus-segment",
        "POST",
        "/{organization_id}/focus/sessions/{session_id}/segments/{segment_index}/promote",
        focus.promote,
        "Mutation.promoteFocusSegment",
    ),
    Operation(
        "share-track", "POST", "/{organization_id}/tracks/{track_id}/share", sharing.share_track, "Mutation.shareTrack"
    ),
    Operation(
        "share-collection",
        "POST",
        "/{organization_id}/collections/{collection_id}/share",
        sharing.share_collection,
        "Mutation.shareCollection",
    ),
    Operation("revoke-share", "DELETE", "/{organization_id}/share/{share_id}", sharing.revoke, "Mutation.revokeShare"),
    Operation("get-usage", "GET", "/{organization_id}/usage", sharing.get_usage, "Organization.usage"),
    Operation("resolve-share", "GET", "/shared/{token}", sharing.resolve, "Query.sharedLink", is_public=True),
    Operation("save-shared-track", "POST", "/shared/{token}/save", sharing.save, "Mutation.saveSharedTrack"),
)

EXTENSIONS: Final[Sequence[Operation]] = (
    Operation(
        "download-track",
        "GET",
        "/{organization_id}/tracks/{track_id}/download",
        tracks.download,
        "Mutation.prepareDownload",
    ),
    Operation("get-receipt", "GET", "/{organization_id}/tracks/{track_id}/receipt", receipts.get, "Track.receipt"),
    Operation("verify", "POST", "/verify", receipts.verify, "Query.verifyTrack", is_public=True),
)
"""What is offered besides the contract, which stays as it is."""

ALL_OPERATIONS: Final[Sequence[Operation]] = (*OPERATIONS, *EXTENSIONS)


@dataclass(frozen=True, slots=True)
class Authenticators:
    """Who is asking: ``known`` raises Unauthenticated, ``anybody`` does not look."""

    authenticated: Authenticate
    anonymous: Authenticate


def routes(callers: Authenticators) -> list[Route]:
    """Starlette's routes for the table, one a path, so that a wrong method is told every right one."""
    paths = dict.fromkeys(operation.path for operation in ALL_OPERATIONS)
    # what begins with a word of its own goes before what begins with any organization
    return [_route(path, callers) for path in sorted(paths, key=lambda path: path.startswith("/{"))]


def _route(path: str, callers: Authenticators) -> Route:
    found = {operation.method: operation for operation in ALL_OPERATIONS if operation.path == path}
    return Route(BASE + path, _Endpoint(found, callers), methods=list(found))


class _Endpoint:
    """An ASGI application for one path: what it raises is answered once for the whole application."""

    def __init__(self, operations: Mapping[str, Operation], callers: Authenticators) -> None:
        self._operations = operations
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        operation = self._operations["GET" if request.method == "HEAD" else request.method]
        if operation.is_public:
            return await operation.handler(await self._callers.anonymous(request), request)
        ctx = await self._callers.authenticated(request)
        taken = await rate_limits.take(ctx)
        response = await _answer(operation, ctx, request, taken)
        responses.add_headers(response, rate_limits.headers(ctx, taken))
        return response


async def _answer(operation: Operation, ctx: Context, request: Request, taken: RateLimitResult) -> Response:
    """The handler's answer, or the refusal's: both tell what is left of the caller's allowance."""
    try:
        if taken.wait_seconds:
            raise RateLimited(taken.wait_seconds)
        return await operation.handler(ctx, request)
    except Refusal as refusal:
        return errors.refusal_response(refusal)
    except HTTPException as error:
        return errors.http_error_response(error)
