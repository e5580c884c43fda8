"""The page with GraphiQL and its files, which need no internet access: they are installed as a Python package."""

import asyncio
import hashlib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from string import Template
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

PACKAGE: Final = "graphene-django-graphiql-static"
"""A package that contains GraphiQL. It is used as files only: importing it would import Django."""
_PACKAGE_FOLDER: Final = "graphene_django_graphiql_static/static/graphene_django_graphiql_static"
_PACKAGE_FILES: Final = (
    "graphiql.min.css",
    "style.css",
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphql-ws.min.js",
    "graphiql-plugin-explorer.umd.js",
)
_FOLDER: Final = Path(__file__).parent
_FILES: Final = ("page.css", "page.js", "examples.graphql")
_MISSING_MESSAGE: Final = (
    f"GraphiQL is not installed: the Python package {PACKAGE} is missing or incomplete. Install it in the server's "
    "environment, then restart the server. The API itself works; its REST reference is at /docs.\n"
)
_PAGE_HEADERS: Final = {
    "Cache-Control": "no-cache",
    # GraphiQL adds style elements, and its style sheet contains fonts
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
# the page adds a version to the URLs of its files
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def assets() -> Mapping[str, Path]:
    """Return the files of the page by name; without the package only those of this project."""
    own = {name: _FOLDER / name for name in _FILES}
    try:
        folder = Path(str(distribution(PACKAGE).locate_file(_PACKAGE_FOLDER)))
    except PackageNotFoundError:
        return own
    return {**{name: folder / name for name in _PACKAGE_FILES if (folder / name).is_file()}, **own}


async def respond() -> Response:
    """Return the page, or a text that says what to install."""
    text = await asyncio.to_thread(_page)
    if text is None:
        return PlainTextResponse(_MISSING_MESSAGE, HTTPStatus.NOT_IMPLEMENTED)
    return HTMLResponse(text, headers=_PAGE_HEADERS)


@cache
def _page() -> str | None:
    """Return the page. Its URLs are relative, so that a reverse proxy can serve it below any path."""
    if not assets().keys() >= {*_PACKAGE_FILES}:
        return None
    version = hashlib.sha256(b"".join(path.read_bytes() for path in assets().values())).hexdigest()[:12]
    return Template((_FOLDER / "index.html").read_text(encoding="utf-8")).substitute(version=version)


async def _get_asset(request: Request) -> Response:
    path = assets().get(request.path_params["name"])
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, headers=_ASSET_HEADERS)


ROUTE: Final = Route("/graphiql/{name}", _get_asset)
