"""Routes of the OpenAPI document and of Swagger UI, which displays it."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from string import Template
from typing import Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from engines.port import EngineInfo
from rest_compat.openapi import document

_FOLDER: Final = Path(__file__).parent
# the package is used as files only: importing it would import its web framework adapters
_SWAGGER_UI: Final = Path(str(distribution("swagger-ui-py").locate_file("swagger_ui/static")))

ASSETS: Final[Mapping[str, Path]] = {
    path.name: path
    for path in (_SWAGGER_UI / "swagger-ui.css", _SWAGGER_UI / "swagger-ui-bundle.js", _FOLDER / "swagger_ui.js")
}
"""The files of the page, served below it."""

_PAGE_HEADERS: Final = {
    "Cache-Control": "no-cache",
    # Swagger UI sets style attributes and displays icons from data URLs
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_ANY_SERVER: Final = "https://server.invalid"
_DOCUMENT_HEADERS: Final = {"Cache-Control": "no-cache"}
# the page adds a version to the URLs of its files
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def routes(engines: Sequence[EngineInfo]) -> list[Route]:
    """Build the routes of a server with these engines."""
    # takes some 100 ms, so that the first request does it in a thread, and not every start of the server
    rendered = cache(lambda: orjson.dumps(document.build(_ANY_SERVER, engines)))

    async def get_document(request: Request) -> Response:
        document_bytes = await asyncio.to_thread(rendered)
        # the same document for each address under which clients reach this server
        body = document_bytes.replace(orjson.dumps(_ANY_SERVER), orjson.dumps(request.state.base_url), 1)
        return Response(body, media_type="application/json", headers=_DOCUMENT_HEADERS)

    return [Route("/openapi.json", get_document), Route("/docs", _get_page), Route("/docs/{name}", _get_asset)]


async def _get_page(request: Request) -> Response:  # noqa: ARG001  an endpoint takes a request
    return HTMLResponse(await asyncio.to_thread(_page), headers=_PAGE_HEADERS)


async def _get_asset(request: Request) -> Response:
    path = ASSETS.get(request.path_params["name"])
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers=_ASSET_HEADERS)


@cache
def _page() -> str:
    """Return the page. Its URLs are relative, so that a reverse proxy can serve it below any path."""
    version = hashlib.sha256(b"".join(path.read_bytes() for path in ASSETS.values())).hexdigest()[:12]
    return Template((_FOLDER / "swagger_ui.html").read_text(encoding="utf-8")).substitute(version=version)
