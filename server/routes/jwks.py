"""Answers with the public keys of receipts, to anybody's pages and tools: RFC 7517, RFC 8037."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rest_compat.responses import JsonResponse

PATH: Final = "/.well-known/music-studio-keys.json"

_HEADERS: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}


async def _answer(request: Request) -> Response:
    return JsonResponse(request.state.services.receipts.published(), headers=_HEADERS)


ROUTE: Final = Route(PATH, _answer)
