"""Response models of generations."""

from typing import Annotated

from typing_extensions import TypedDict

from core import clock
from core.jobs import Mode, Status
from rest_compat.models import fields
from rest_compat.models.fields import NULL, STRING, doc
from storage.tables import Generation, Track


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
    engine: Annotated[fields.Text, doc("Key of the requested engine.", "studio")]
    mode: Annotated[Mode, doc("`creation` for one complete track, `focus` for chained segments.")]
    created_at: Annotated[fields.Timestamp, doc("Time at which the job was accepted.")]
    result_track_id: Annotated[fields.TrackId | None, doc("ID of the track; null until the job succeeds.")]
    error_message: Annotated[fields.Text | None, doc("Reason for display if the job failed, otherwise null.", None)]
    refusal_reason: Annotated[
        fields.Text | None, doc("What to change if policy refused the job, otherwise null.", None)
    ]


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
    return {
        "id": row.id,
        "status": row.status,
        "progress": row.progress,
        "engine": row.engine,
        "mode": row.mode,
        "created_at": clock.iso(row.created_at),
        "result_track_id": track.id if track else None,
        "error_message": row.error_message,
        "refusal_reason": row.refusal_reason,
        "playback_url": playback_url,
        "track": _track_summary(track, playback_url) if track and playback_url else None,
    }


def listed_job(row: Generation, track: Track | None) -> ListedJob:
    return {**job(row, track, None), "playback_url": None, "track": None}


def _track_summary(track: Track, playback_url: str) -> TrackSummary:
    return {
        "id": track.id,
        "title": track.title,
        "engine": track.engine,
        "mode": track.mode,
        "instrumental": track.instrumental,
        "measured_duration_seconds": track.measured_duration_seconds,
        "mime_type": "audio/mpeg",
        "licence_class": track.licence_class,
        "playback_url": playback_url,
    }
