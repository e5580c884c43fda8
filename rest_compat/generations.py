"""Handlers of engines and generations."""

from starlette.requests import Request
from starlette.responses import Response

from core.jobs import Status
from resolvers import commands, engines, generations, links, reads, tracks
from resolvers.context import Context
from rest_compat import bodies, present
from rest_compat.answers import Json
from storage.tables import Generation


async def list_engines(ctx: Context, request: Request) -> Response:
    """GET engines."""
    offers = await engines.list_(ctx, request.path_params["organization_id"])
    return Json({"engines": [present.engine(offer) for offer in offers]})


async def create(ctx: Context, request: Request) -> Response:
    """POST generations."""
    fields = await bodies.json_object(request)
    if "idempotency-key" in request.headers:
        fields["idempotency_key"] = request.headers["idempotency-key"]
    row, is_replay = await generations.create(ctx, request.path_params["organization_id"], fields)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return Json(await _job(ctx, row), 202, headers)


async def list_(ctx: Context, request: Request) -> Response:
    """GET generations."""
    page = commands.read(bodies.GenerationsPage, bodies.known(request.query_params, bodies.GenerationsPage))
    organization_id = request.path_params["organization_id"]
    rows = await generations.list_(ctx, organization_id, status=page.status, limit=page.limit, offset=page.offset)
    made = await tracks.made_by(ctx, [row.id for row in rows])
    jobs = [{**present.generation(row, made.get(row.id), None), "track": None} for row in rows]
    return Json({"jobs": jobs, "limit": page.limit, "offset": page.offset})


async def get(ctx: Context, request: Request) -> Response:
    """GET generations/{job_id}."""
    found = await reads.job(ctx, request.path_params["job_id"], request.path_params["organization_id"])
    return Json(present.generation(*found))


async def cancel(ctx: Context, request: Request) -> Response:
    """POST generations/{job_id}/cancel."""
    row = await generations.cancel(ctx, request.path_params["job_id"], request.path_params["organization_id"])
    return Json(await _job(ctx, row))


async def _job(ctx: Context, row: Generation) -> present.Object:
    if row.status is not Status.SUCCEEDED:
        return present.generation(row, None, None)
    track = (await tracks.made_by(ctx, [row.id])).get(row.id)
    return present.generation(row, track, await links.playback_url(ctx, track) if track else None)
