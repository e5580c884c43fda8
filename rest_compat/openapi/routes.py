"""Routes of the OpenAPI document and of its HTML page."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from engines.port import EngineInfo
from rest_compat.openapi import document, html_page

DOCUMENT_PATH: Final = "/openapi.json"
PAGE_PATH: Final = "/docs"

_CACHING: Final = {"Cache-Control": "no-cache"}


def routes(public_url: str, engines: Sequence[EngineInfo]) -> list[Route]:
    """Build the routes of a server at ``public_url`` with these engines."""

    @cache
    def rendered() -> tuple[bytes, str]:
        # takes some 100 ms, so that the first request does it in a thread, and not every start of the server
        openapi = document.build(public_url, engines)
        return orjson.dumps(openapi), html_page.render(openapi, DOCUMENT_PATH)

    async def get_document(request: Request) -> Response:  # noqa: ARG001  an endpoint takes a request
        body, _ = await asyncio.to_thread(rendered)
        # tools on any web page may read the document, which contains nothing private
        headers = {"Access-Control-Allow-Origin": "*", **_CACHING}
        return Response(body, media_type="application/json", headers=headers)

    async def get_page(request: Request) -> Response:  # noqa: ARG001  an endpoint takes a request
        _, page = await asyncio.to_thread(rendered)
        headers = {
            "Content-Security-Policy": html_page.POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            **_CACHING,
        }
        return HTMLResponse(page, headers=headers)

    return [Route(DOCUMENT_PATH, get_document), Route(PAGE_PATH, get_page)]
