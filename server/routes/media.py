"""Serve files by signed URLs, with single ranges and ETags (RFC 9110, sections 13 and 14)."""

import asyncio
import re
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from core import clock, ids
from core.errors import Forbidden, NotFound, Refusal
from resolvers.access.context import Services
from resolvers.library.track_urls import is_downloadable
from rest_compat import errors
from storage.blobs import content_disposition, content_hash, signed_urls
from storage.blobs.port import BlobNotFound
from storage.blobs.signed_urls import PATH, SignedUrl, UrlSigner

_HEADERS: Final = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff"}

_HEADERS_BY_SUFFIX: Final = {
    # an SVG that is opened in a tab is a document of this origin; it must not load or run anything
    ".svg": {"Content-Security-Policy": "default-src 'none'; sandbox"},
}

_BYTE_RANGE: Final = re.compile(
    r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.ASCII | re.IGNORECASE
)


def route(links: UrlSigner) -> Route:
    """Return the route of signed URLs."""
    access = _AccessChecker()

    async def get_file(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_HEADERS)
        try:
            link = _verified_link(links, request)
            await access.check(request.state.services, link)
            response = await _file_response(request.state.services, link, request)
        except (Refusal, HTTPException) as error:
            response = errors.error_response(error)
        response.headers.update(_HEADERS)
        return response

    return Route(PATH + "{key:path}", get_file, methods=["GET", "HEAD", "OPTIONS"])


class _AccessChecker:
    """Checks that a track or share link gives access to a file. Concurrent requests for one file share a query."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], asyncio.Task[bool]] = {}

    async def check(self, services: Services, link: SignedUrl) -> None:
        """Raise NotFound if the track was deleted or its share revoked, Unavailable without the database."""
        file = link.key, link.scope_id
        task = self._running.get(file)
        if task is None:
            task = asyncio.create_task(is_downloadable(services, *file))
            self._running[file] = task
            task.add_done_callback(lambda _: self._running.pop(file))
        # shielded, so that a client that disconnects does not cancel the query of the others
        if not await asyncio.shield(task):
            raise NotFound("File", key=link.key)


def _verified_link(links: UrlSigner, request: Request) -> SignedUrl:
    """Parse a signed URL. Raises Forbidden if its signature is invalid or it has expired."""
    link = signed_urls.from_query(request.path_params["key"], request.query_params)
    if not links.is_valid(link):
        raise Forbidden("Link is not valid or has expired")
    return link


async def _file_response(services: Services, link: SignedUrl, request: Request) -> Response:
    key = link.key
    etag = f'"{content_hash.digest(key)}"'
    seconds_left = max(int(int(link.expires) - clock.now().timestamp()), 0)
    # a browser revalidates its copy of a shared file, because the share may have been revoked
    is_shared = ids.is_a(ids.Kind.SHARE_LINK, link.scope_id)
    caching = "private, no-cache" if is_shared else f"private, max-age={seconds_left}, immutable"
    headers = {"ETag": etag, "Cache-Control": caching}
    if matches_if_none_match(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    try:
        blob = await services.blobs.stat(key)
    except BlobNotFound:
        raise NotFound("File", key=key) from None
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Type": content_hash.media_type(key),
        **_HEADERS_BY_SUFFIX.get(content_hash.suffix(key), {}),
    }
    headers["Content-Disposition"] = content_disposition.header(link.filename, is_attachment=link.is_attachment)
    requested = _requested_range(request, etag, blob.size_bytes)
    if requested is not None:
        headers["Content-Range"] = f"bytes {requested.start}-{requested.stop - 1}/{blob.size_bytes}"
    served = requested or range(blob.size_bytes)
    headers["Content-Length"] = str(len(served))
    status = HTTPStatus.OK if requested is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(services.blobs.read(key, served.start, served.stop), status, headers)


def _requested_range(request: Request, etag: str, size_bytes: int) -> range | None:
    """Return the byte range to send, or None for the whole file. RFC 9110 defines ranges for GET only."""
    header = request.headers.get("range")
    # a date in If-Range never matches, as responses have no Last-Modified
    if header is None or request.method != "GET" or request.headers.get("if-range", etag) != etag:
        return None
    try:
        return parse_range(header, size_bytes)
    except UnsatisfiableRangeError:
        headers = {"Content-Range": f"bytes */{size_bytes}"}
        raise HTTPException(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers) from None


class UnsatisfiableRangeError(Exception):
    """The range starts after the end of the file."""


def parse_range(header: str, size_bytes: int) -> range | None:
    """Return the byte range that a Range header requests, or None for the whole file. Raises UnsatisfiableRangeError.

    A malformed header, another unit and several ranges are ignored, as RFC 9110 permits: players request one range, and
    a multipart response would let a client multiply the server's work.
    """
    match = _BYTE_RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, length = match.groups()
    if length is not None:
        requested = range(max(size_bytes - int(length), 0), size_bytes)
    elif last is not None and int(last) < int(first):
        return None
    else:
        requested = range(int(first), size_bytes if last is None else min(int(last) + 1, size_bytes))
    if not requested:
        raise UnsatisfiableRangeError
    return requested


def matches_if_none_match(if_none_match: str, etag: str) -> bool:
    """Return whether the client's cached copy is current (weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags
