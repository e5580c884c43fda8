"""Answers the signed links of the local blob store: Range, HEAD, ETag, and pages of any origin."""

from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core import clock
from core.errors import Forbidden, NotFound
from resolvers import links
from storage.blobs.local import PATH, LocalBlobs
from storage.blobs.port import BlobNotFound

_TYPES: Final = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".mid": "audio/midi",
    ".json": "application/json",
}
_OPEN: Final = {
    # whoever holds a link may play it from any page: the link is the permission
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, Content-Disposition, ETag, Accept-Ranges",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def route(blobs: LocalBlobs) -> Route:
    """The route of a local store."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**_OPEN, "Access-Control-Max-Age": "86400"})
        return await _file(blobs, request)

    return Route(PATH + "{key:path}", answer, methods=["GET", "HEAD", "OPTIONS"])


async def _file(blobs: LocalBlobs, request: Request) -> Response:
    key, query = request.path_params["key"], request.query_params
    name, expires = query.get("name", ""), query.get("expires", "")
    if not blobs.is_valid(key, name, expires, query.get("signature", "")):
        raise Forbidden("Link is not valid or has expired")
    try:
        path = blobs.path(key)
    except BlobNotFound:
        raise NotFound("File", key=key) from None
    if not await links.is_within_reach(request.state.services, key):
        raise NotFound("File", key=key)
    etag = f'"{path.stem}"'
    seconds_left = int(int(expires) - clock.now().timestamp())
    headers = {**_OPEN, "ETag": etag, "Cache-Control": f"private, max-age={max(seconds_left, 0)}, immutable"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(
        path, media_type=_TYPES.get(path.suffix), headers=headers, filename=name, content_disposition_type="inline"
    )
