"""Handlers of usage."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from resolvers.organizations import spending
from rest_compat.models.usage import Usage, usage_window
from rest_compat.operations import Operation, Result, Tag
from rest_compat.responses import JsonResponse

TAG: Final = Tag(
    "Usage",
    "Usage is what your music cost. The cost of a job is reserved when the job is accepted, charged when it succeeds, "
    "and released otherwise. Organizations can have a spend cap.",
)


@Operation(TAG, "get-usage", "GET usage", "Organization.usage", [Result(Usage)])
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve usage.

    The cost is your own; the limit applies to the whole organization.
    """
    organization_id = request.path_params["organization_id"]
    windows = [usage_window(window) for window in await spending.list_usage(ctx, organization_id)]
    return JsonResponse(Usage(organization_id=organization_id, windows=windows))
