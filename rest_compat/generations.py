"""Handlers of generations."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from core.jobs import Status
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import generations
from resolvers.generations.commands import CreateGeneration
from resolvers.library import track_urls, tracks
from rest_compat import requests
from rest_compat.models.generations import Job, Jobs, job, listed_job
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.requests import GenerationsQuery
from rest_compat.responses import JsonResponse
from storage.tables import Generation

TAG: Final = Tag(
    "Generations",
    "A generation is a job that renders a track. It waits in a queue until a worker renders it.",
)

_QUEUED: Final[dict[str, Any]] = {
    "status": "queued",
    "progress": 0,
    "result_track_id": None,
    "playback_url": None,
    "track": None,
}


@Operation(
    TAG,
    "create-generation",
    "POST generations",
    "Mutation.createGeneration",
    [Result(Job, 202, "The new job, or the earlier one with the same idempotency key.", _QUEUED)],
    body=Body(
        CreateGeneration,
        "The requested music.",
        {
            "engine": "studio",
            "prompt": "warm lofi beat at 82 bpm with rhodes",
            "duration_seconds": 60,
            "instrumental": True,
            "style_tags": ["lofi", "late night"],
            "title": "Night Desk",
        },
    ),
    errors={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The job would exceed the organization's spend cap. Nothing was charged.",
    },
    is_idempotent=True,
)
async def create(ctx: Context, request: Request) -> Response:
    """Create a generation.

    Queues a job and returns it immediately; poll the job for its progress. If policy refuses the request, the job has
    the status `refused` and its `refusal_reason` explains what to change. Refused jobs cost nothing.
    """
    fields = await requests.json_object(request)
    if "idempotency-key" in request.headers:
        fields["idempotency_key"] = request.headers["idempotency-key"]
    command = Unvalidated(CreateGeneration, fields)
    row, is_replay = await generations.create(ctx, request.path_params["organization_id"], command)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _job(ctx, row), 202, headers)


@Operation(
    TAG, "list-generations", "GET generations", "Organization.generations", [Result(Jobs)], query=GenerationsQuery
)
async def list_(ctx: Context, request: Request) -> Response:
    """List generations.

    Returns your own jobs, newest first. In lists, `playback_url` and `track` are null.
    """
    page = requests.query(request, GenerationsQuery)
    organization_id = request.path_params["organization_id"]
    rows = await generations.list_page(ctx, organization_id, status=page.status, limit=page.limit, offset=page.offset)
    rendered = await tracks.find_by_generations(ctx, [row.id for row in rows])
    jobs = [listed_job(row, rendered.get(row.id)) for row in rows]
    body: Jobs = {"jobs": jobs, "limit": page.limit, "offset": page.offset}
    return JsonResponse(body)


@Operation(TAG, "get-generation", "GET generations/{job_id}", "Organization.generation", [Result(Job)])
async def get(ctx: Context, request: Request) -> Response:
    """Retrieve a generation.

    Returns the current state of the job. A succeeded job includes its track and a new playback URL.
    """
    return JsonResponse(job(*await generations.get_with_playback_url(ctx, *requests.path_ids(request, "job_id"))))


@Operation(
    TAG,
    "cancel-generation",
    "POST generations/{job_id}/cancel",
    "Mutation.cancelGeneration",
    [Result(Job, example={**_QUEUED, "status": "cancelled"})],
)
async def cancel(ctx: Context, request: Request) -> Response:
    """Cancel a generation.

    A queued job is cancelled immediately, a running job at its next checkpoint: the response may still contain the
    status `running`. A finished job does not change. The request has no body.
    """
    return JsonResponse(await _job(ctx, await generations.cancel(ctx, *requests.path_ids(request, "job_id"))))


async def _job(ctx: Context, row: Generation) -> Job:
    if row.status is not Status.SUCCEEDED:
        return job(row, None, None)
    track = (await tracks.find_by_generations(ctx, [row.id])).get(row.id)
    return job(row, track, await track_urls.sign_playback_url(ctx, track) if track else None)
