"""Answers our own signed links to files, wherever they are kept: Range, HEAD, ETag, and pages of any origin."""

import asyncio
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import clock
from core.errors import Forbidden, NotFound, Refusal
from resolvers.access.context import Services
from resolvers.library.track_urls import is_within_reach
from rest_compat import errors
from server.routes import ranges
from storage.blobs import content_disposition, content_hash
from storage.blobs.port import BlobNotFound
from storage.blobs.signed_urls import ATTACHMENT, PATH, SignedUrl, UrlSigner

_OPEN: Final = {
    # whoever holds a link may play it from any page: the link is the permission
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, Content-Disposition, ETag, Accept-Ranges",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


_CONFINED: Final = {
    # opened on its own, a picture is a document of ours: it may load nothing and run nothing
    ".svg": {"Content-Security-Policy": "default-src 'none'; sandbox"},
}


def route(links: UrlSigner) -> Route:
    """The route of these links."""
    reach = _Reach()

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**_OPEN, "Access-Control-Max-Age": "86400"})
        try:
            link = _vouched(links, request)
            await reach.check(request.state.services, link)
            response = await _file(request.state.services, link, request)
        except Refusal as refusal:
            response = errors.refusal_response(refusal)
        except HTTPException as error:
            response = errors.http_error_response(error)
        response.headers.update(_OPEN)
        return response

    return Route(PATH + "{key:path}", answer, methods=["GET", "HEAD", "OPTIONS"])


class _Reach:
    """Asks whether a file may still be handed out. Who asks the same at the same time is told the same answer."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], asyncio.Task[bool]] = {}

    async def check(self, services: Services, link: SignedUrl) -> None:
        """Raises NotFound when the file's track was deleted since, Unavailable."""
        about = link.key, link.organization_id
        task = self._asked.get(about)
        if task is None:
            task = asyncio.create_task(is_within_reach(services, *about))
            self._asked[about] = task
            task.add_done_callback(lambda _: self._asked.pop(about))
        # one caller's leaving is no answer to the others
        if not await asyncio.shield(task):
            raise NotFound("File", key=link.key)


def _vouched(links: UrlSigner, request: Request) -> SignedUrl:
    """What the link claims. Raises Forbidden unless it was made here and is not over."""
    query = request.query_params
    link = SignedUrl(
        request.path_params["key"],
        query.get("name", ""),
        query.get("org", ""),
        query.get("expires", ""),
        query.get("signature", ""),
        ATTACHMENT in query,
    )
    if not links.is_valid(link):
        raise Forbidden("Link is not valid or has expired")
    return link


async def _file(services: Services, link: SignedUrl, request: Request) -> Response:
    key = link.key
    etag = f'"{content_hash.digest(key)}"'
    seconds_left = max(int(int(link.expires) - clock.now().timestamp()), 0)
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={seconds_left}, immutable"}
    if ranges.matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    try:
        blob = await services.blobs.stat(key)
    except BlobNotFound:
        raise NotFound("File", key=key) from None
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Type": content_hash.media_type(key),
        **_CONFINED.get(content_hash.suffix(key), {}),
    }
    headers["Content-Disposition"] = content_disposition.header(link.filename, is_attachment=link.is_attachment)
    part = _part(request, etag, blob.size_bytes)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{blob.size_bytes}"
    sent = part or range(blob.size_bytes)
    headers["Content-Length"] = str(len(sent))
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(services.blobs.read(key, sent.start, sent.stop), status, headers)


def _part(request: Request, etag: str, size_bytes: int) -> range | None:
    """The part to send, None for the whole. Ranges mean something to GET only."""
    header = request.headers.get("range")
    if header is None or request.method != "GET" or not ranges.is_current(request.headers.get("if-range"), etag):
        return None
    try:
        return ranges.wanted(header, size_bytes)
    except ranges.Unsatisfiable:
        headers = {"Content-Range": f"bytes */{size_bytes}"}
        raise HTTPException(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers) from None
