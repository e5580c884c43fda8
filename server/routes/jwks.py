"""Public keys that verify receipts, as a JSON Web Key Set (RFC 7517, RFC 8037)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers.access.context import Services
from rest_compat.responses import JsonResponse

PATH: Final = "/.well-known/music-studio-keys.json"

_HEADERS: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}


async def _get_keys(request: Request) -> Response:
    services: Services = request.state.services
    return JsonResponse(services.receipt_signer.to_jwks(), headers=_HEADERS)


ROUTE: Final = Route(PATH, _get_keys)
