"""Serve the studio page: one HTML document for all screens, and its modules and style sheets, minified.

The URLs of these files contain a hash of all of them: browsers cache them for a year, and relative imports stay within
one version of the page.
"""

import gzip
import hashlib
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.network import links
from core.settings import PROJECT
from rest_compat.public_page import StudioPage
from server.routes.minify import minify_script, minify_style

PATH: Final = "/studio"
SCREENS: Final = (
    "/library",
    "/collections",
    "/collections/{id}",
    "/track/{id}",
    "/focus",
    "/admin",
    "/admin/{section}",
    "/admin/{section}/{id}",
)
"""Addresses of the page's screens besides the first one, below its path; `web/main.js` has the same."""
FOLDER: Final = PROJECT / "web"
_DOCUMENT: Final = "index.html"
_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Media types of the files that are served, by suffix; other files of the folder are not."""
_MINIFIERS: Final[Mapping[str, Callable[[str], str]]] = {".js": minify_script, ".css": minify_style}
_HASH_CHARACTERS: Final = 16
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    compressed: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class _Page:
    """The files of the page by path, and a hash of them."""

    document: Template
    assets: Mapping[str, _Asset]
    version: str


@cache
def _load() -> _Page:
    """Read the page once for each process: less than 150 kB for the first screen, 240 kB for all, in one language."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in _TYPES)
    assets = {path.relative_to(FOLDER).as_posix(): _read(path) for path in paths}
    document = (FOLDER / _DOCUMENT).read_text(encoding="utf-8")
    digest = hashlib.sha256(document.encode())
    for name, asset in assets.items():
        digest.update(name.encode() + b"\0" + asset.content)
    return _Page(Template(document), assets, digest.hexdigest()[:_HASH_CHARACTERS])


def _read(path: Path) -> _Asset:
    content = path.read_bytes()
    minifier = _MINIFIERS.get(path.suffix)
    if minifier:
        content = minifier(content.decode()).encode()
    return _Asset(content, gzip.compress(content, mtime=0), _TYPES[path.suffix])


def scripts() -> Mapping[str, str]:
    """Return the sources of the page's modules by path."""
    paths = sorted(FOLDER.rglob("*.js"))
    return {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def addresses() -> StudioPage:
    """Return the addresses of the page, for pages that link to it or share its files."""
    return StudioPage(PATH, f"{PATH}/assets/{_load().version}")


class Document:
    """The document of the page, which loads media from this server and from ``download_origin``.

    ``provider`` is the name of the identity provider at which people can sign in.
    """

    def __init__(self, download_origin: str | None, provider: str | None) -> None:
        self._policy = _security_policy(download_origin)
        self._provider = html.escape(provider or "")

    def __call__(self, request: Request, status: int, problem: str = "") -> Response:
        """Respond with the document. ``problem`` is why signing in at the provider failed."""
        page, prefix = _load(), links.prefix_of(request.state.base_url)
        text = page.document.substitute(
            base=f"{prefix}{PATH}", root=prefix, version=page.version, provider=self._provider, problem=problem
        )
        return HTMLResponse(text, status, {"Cache-Control": "no-cache", "Content-Security-Policy": self._policy})


def routes(document: Document) -> list[Route]:
    """Return the routes of the page."""

    async def get_screen(request: Request) -> Response:
        return document(request, 200)

    async def get_unknown(request: Request) -> Response:
        return document(request, 404)

    return [
        Route(f"{PATH}/assets/{{version}}/{{name:path}}", _get_asset),
        *(Route(f"{PATH}{screen}", get_screen) for screen in ("", "/", *SCREENS)),
        Route(f"{PATH}/{{unknown:path}}", get_unknown),
    ]


async def _get_asset(request: Request) -> Response:
    page = _load()
    asset = page.assets.get(request.path_params["name"])
    if asset is None or request.path_params["version"] != page.version:
        raise HTTPException(404, "This file is not part of the current version of the page. Reload the page.")
    headers = {**_ASSET_HEADERS, "Content-Type": asset.media_type}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.content, headers=headers)


def _security_policy(download_origin: str | None) -> str:
    bucket = f" {download_origin}" if download_origin else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{bucket}; "
        f"media-src 'self' blob:{bucket}; connect-src 'self'{bucket}; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        # the page builds its nodes one by one, so that no text is ever read as HTML
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
