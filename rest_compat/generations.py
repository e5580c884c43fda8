"""Handlers of engines and generations."""

from starlette.requests import Request
from starlette.responses import Response

from core.jobs import Status
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import engines, generations
from resolvers.generations.commands import CreateGeneration
from resolvers.library import track_urls, tracks
from rest_compat import requests, serializers
from rest_compat.responses import JsonResponse
from storage.tables import Generation


async def list_engines(ctx: Context, request: Request) -> Response:
    """GET engines."""
    offers = await engines.list_offers(ctx, request.path_params["organization_id"])
    return JsonResponse({"engines": [serializers.engine(offer) for offer in offers]})


async def create(ctx: Context, request: Request) -> Response:
    """POST generations."""
    fields = await requests.json_object(request)
    if "idempotency-key" in request.headers:
        fields["idempotency_key"] = request.headers["idempotency-key"]
    command = Unvalidated(CreateGeneration, fields)
    row, is_replay = await generations.create(ctx, request.path_params["organization_id"], command)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _job(ctx, row), 202, headers)


async def list_(ctx: Context, request: Request) -> Response:
    """GET generations."""
    page = validation.validate(
        requests.GenerationsQuery, requests.known(request.query_params, requests.GenerationsQuery)
    )
    organization_id = request.path_params["organization_id"]
    rows = await generations.list_page(ctx, organization_id, status=page.status, limit=page.limit, offset=page.offset)
    made = await tracks.find_by_generations(ctx, [row.id for row in rows])
    jobs = [{**serializers.generation(row, made.get(row.id), None), "track": None} for row in rows]
    return JsonResponse({"jobs": jobs, "limit": page.limit, "offset": page.offset})


async def get(ctx: Context, request: Request) -> Response:
    """GET generations/{job_id}."""
    found = await generations.get_with_playback_url(
        ctx, request.path_params["job_id"], request.path_params["organization_id"]
    )
    return JsonResponse(serializers.generation(*found))


async def cancel(ctx: Context, request: Request) -> Response:
    """POST generations/{job_id}/cancel."""
    row = await generations.cancel(ctx, request.path_params["job_id"], request.path_params["organization_id"])
    return JsonResponse(await _job(ctx, row))


async def _job(ctx: Context, row: Generation) -> serializers.Object:
    if row.status is not Status.SUCCEEDED:
        return serializers.generation(row, None, None)
    track = (await tracks.find_by_generations(ctx, [row.id])).get(row.id)
    return serializers.generation(row, track, await track_urls.sign_playback_url(ctx, track) if track else None)
