"""Operations on generations, with their response models."""

from typing import Annotated, Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from core.jobs import Mode, Status
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.generations import generations
from resolvers.generations.commands import CreateGeneration, CreateTransformation
from resolvers.library import track_urls, tracks
from rest_compat import fields
from rest_compat.fields import NULL, STRING, Text, doc, from_row
from rest_compat.operations import Body, Operation, Result, Tag
from rest_compat.requests import GenerationsQuery
from rest_compat.responses import JsonResponse
from storage.tables import Generation, Track

Command = TypeVar("Command", CreateGeneration, CreateTransformation)

TAG: Final = Tag(
    "Generations", "A generation is a job that renders a track. It waits in a queue until a worker renders it."
)


class TrackSummary(TypedDict):
    """The track of a succeeded job."""

    id: fields.TrackId
    title: fields.Title
    engine: fields.EngineKey
    mode: fields.TrackMode
    instrumental: fields.Instrumental
    measured_duration_seconds: Annotated[fields.Duration, doc("Measured duration in seconds, or null.", 60.02)]
    mime_type: Annotated[str, doc("Media type of the audio.", json_schema_extra={"enum": ["audio/mpeg"]})]
    licence_class: fields.LicenceClassField
    playback_url: fields.PlaybackUrl


_RULES = fields.rules(
    fields.rule(
        "status",
        Status.SUCCEEDED,
        {"progress": {"const": 100}, "result_track_id": STRING},
        {"progress": {"maximum": 99}, "result_track_id": NULL, "playback_url": NULL, "track": NULL},
    ),
    fields.rule("status", Status.FAILED, {"error_message": STRING}, {"error_message": NULL}),
    fields.rule("status", Status.REFUSED, {"refusal_reason": STRING}, {"refusal_reason": NULL}),
)
_NullInLists = Annotated[None, doc("Null in lists. Retrieve the generation for the value.")]


class _Job(TypedDict):
    id: fields.GenerationId
    status: Annotated[Status, doc("Status. All but `queued` and `running` are final.", Status.SUCCEEDED)]
    progress: Annotated[int, doc("Progress in percent. Never decreases; 100 after success.", 100, ge=0, le=100)]
    engine: Annotated[Text, doc("Key of the requested engine.", "studio")]
    mode: Annotated[Mode, doc("`creation` for one complete track, `focus` for chained segments.")]
    created_at: Annotated[fields.Timestamp, doc("Time at which the job was accepted.")]
    result_track_id: Annotated[fields.TrackId | None, doc("ID of the track; null until the job succeeds.")]
    error_message: Annotated[Text | None, doc("Reason for display if the job failed, otherwise null.", None)]
    refusal_reason: Annotated[Text | None, doc("What to change if policy refused the job, otherwise null.", None)]


@_RULES
class Job(_Job):
    """A generation."""

    playback_url: Annotated[fields.Url | None, doc("Signed URL of the track's audio; null until the job succeeds.")]
    track: Annotated[TrackSummary | None, doc("The track; null until the job succeeds.")]


@_RULES
class ListedJob(_Job):
    """A generation in a list."""

    playback_url: _NullInLists
    track: _NullInLists


class Jobs(TypedDict):
    """A page of generations, newest first."""

    jobs: Annotated[list[ListedJob], doc("The generations of the page.")]
    limit: fields.Limit
    offset: fields.Offset


def job(row: Generation, track: Track | None, playback_url: str | None) -> Job:
    """Build a job. Pass ``track`` and ``playback_url`` for a succeeded job only."""
    summary = None
    if track and playback_url:
        summary = from_row(TrackSummary, track, mime_type="audio/mpeg", playback_url=playback_url)
    return from_row(Job, row, result_track_id=track and track.id, playback_url=playback_url, track=summary)


def listed_job(row: Generation, track: Track | None) -> ListedJob:
    return from_row(ListedJob, row, result_track_id=track and track.id, playback_url=None, track=None)


_QUEUED: Final = {"status": "queued", "progress": 0, "result_track_id": None, "playback_url": None, "track": None}


@Operation(
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
async def create(
    ctx: Context, organization_id: str, command: Unvalidated[CreateGeneration], request: Request
) -> Response:
    """Create a generation.

    Queues a job and returns it immediately; poll the job for its progress. If policy refuses the request, the job has
    the status `refused` and its `refusal_reason` explains what to change. Refused jobs cost nothing.
    """
    return await _create(ctx, organization_id, command, request)


@Operation(
    "create-transformation",
    "POST transformations",
    "Mutation.createGeneration",
    [Result(Job, 202, "The new job, or the earlier one with the same idempotency key.", _QUEUED)],
    body=Body(
        CreateTransformation,
        "The requested music and its source.",
        {
            "engine": "ace",
            "prompt": "jazz trio with brushes and double bass",
            "duration_seconds": 62,
            "source": {"task": "cover", "reference_audio_id": "mref_0123456789abcdef01234567", "strength": 0.8},
        },
    ),
    errors={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The job would exceed the organization's spend cap. Nothing was charged.",
    },
    is_idempotent=True,
    is_extension=True,
)
async def transform(
    ctx: Context, organization_id: str, command: Unvalidated[CreateTransformation], request: Request
) -> Response:
    """Create a generation from audio.

    As create-generation, with `source`: an upload or a track of yours, and what to do with it. Engines that cannot do
    it refuse the request before anything is paid. `duration_seconds` is the length of the source, rounded up.
    """
    return await _create(ctx, organization_id, command, request)


async def _create(ctx: Context, organization_id: str, command: Unvalidated[Command], request: Request) -> Response:
    key = request.headers.get("idempotency-key")
    if key is not None:
        command = Unvalidated(command.command, {**command.fields, "idempotency_key": key})
    row, is_replay = await generations.create(ctx, organization_id, command)
    headers = {"Idempotency-Replayed": "true"} if is_replay else {}
    return JsonResponse(await _job(ctx, row), 202, headers)


@Operation("list-generations", "GET generations", "Organization.generations")
async def list_(ctx: Context, organization_id: str, query: GenerationsQuery) -> Jobs:
    """List generations.

    Returns your own jobs, newest first. In lists, `playback_url` and `track` are null.
    """
    limit, offset = query.limit, query.offset
    rows = await generations.list_page(ctx, organization_id, status=query.status, limit=limit, offset=offset)
    rendered = await tracks.find_by_generations(ctx, [row.id for row in rows])
    return {"jobs": [listed_job(row, rendered.get(row.id)) for row in rows], "limit": limit, "offset": offset}


@Operation("get-generation", "GET generations/{job_id}", "Organization.generation")
async def get(ctx: Context, organization_id: str, job_id: str) -> Job:
    """Retrieve a generation.

    Returns the current state of the job. A succeeded job includes its track and a new playback URL.
    """
    return job(*await generations.get_with_playback_url(ctx, job_id, organization_id))


@Operation(
    "cancel-generation",
    "POST generations/{job_id}/cancel",
    "Mutation.cancelGeneration",
    [Result(Job, example={**_QUEUED, "status": "cancelled"})],
)
async def cancel(ctx: Context, organization_id: str, job_id: str) -> Job:
    """Cancel a generation.

    A queued job is cancelled immediately, a running job at its next checkpoint: the response may still contain the
    status `running`. A finished job does not change. The request has no body.
    """
    return await _job(ctx, await generations.cancel(ctx, job_id, organization_id))


async def _job(ctx: Context, row: Generation) -> Job:
    if row.status is not Status.SUCCEEDED:
        return job(row, None, None)
    track = (await tracks.find_by_generations(ctx, [row.id])).get(row.id)
    return job(row, track, await track_urls.sign_playback_url(ctx, track) if track else None)
