"""Where the document and its page are served; both are made once."""

from collections.abc import Sequence
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from engines.port import EngineInfo
from rest_compat.openapi import document, page

DOCUMENT_PATH: Final = "/openapi.json"
PAGE_PATH: Final = "/docs"

_CACHING: Final = {"Cache-Control": "no-cache"}


def routes(public_url: str, cards: Sequence[EngineInfo]) -> list[Route]:
    """The routes of an installation at this address with these engines."""
    contract = document.build(public_url, cards)
    written = orjson.dumps(contract)
    rendered = page.render(contract, DOCUMENT_PATH)

    async def machine(request: Request) -> Response:  # noqa: ARG001  an endpoint takes one
        # anybody's tools may read it from any page: it holds nothing but the contract
        return Response(
            written, media_type="application/json", headers={"Access-Control-Allow-Origin": "*", **_CACHING}
        )

    async def reader(request: Request) -> Response:  # noqa: ARG001  an endpoint takes one
        headers = {
            "Content-Security-Policy": page.POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            **_CACHING,
        }
        return HTMLResponse(rendered, headers=headers)

    return [Route(DOCUMENT_PATH, machine), Route(PAGE_PATH, reader)]
