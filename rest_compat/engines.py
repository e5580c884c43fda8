"""Handlers of engines."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.generations import engines
from rest_compat.models.engines import Engines, engine
from rest_compat.operations import Operation, Result, Tag
from rest_compat.responses import JsonResponse

TAG: Final = Tag("Engines", "An engine renders music. Requests identify it by its key.")


@Operation(TAG, "engines", "GET engines", "Organization.engines", [Result(Engines)])
async def list_engines(ctx: Context, request: Request) -> Response:
    """List engines.

    Returns the enabled engines with what they and their licences permit.
    """
    offers = await engines.list_offers(ctx, request.path_params["organization_id"])
    body: Engines = {"engines": [engine(offer) for offer in offers]}
    return JsonResponse(body)
