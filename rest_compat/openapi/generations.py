"""Section 2 of the contract: generations."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.ids import Kind
from core.jobs import Mode, Status
from core.licence import LicenceClass
from engines.port import EngineInfo
from resolvers.generations.commands import CreateGeneration
from rest_compat.openapi import json_schema, request_bodies
from rest_compat.openapi.descriptions import Body, Description, Missing, Noun, Success
from rest_compat.openapi.json_schema import Schema
from rest_compat.requests import GenerationsQuery

_JOB_ID: Final = json_schema.example_id(Kind.GENERATION)
_TRACK_ID: Final = json_schema.example_id(Kind.TRACK)
_PLAYBACK_URL: Final = "https://music.example.org/media/ab/abcdef.mp3?expires=1782643500&signature=0123"

_TRACK_SUMMARY: Final = json_schema.closed(
    "The finished track of a job.",
    {
        "id": json_schema.id_of(Kind.TRACK, "The track."),
        "title": json_schema.nullable(json_schema.text("Its title.")),
        "engine": json_schema.text("The engine that made it."),
        "mode": json_schema.member_of(Mode, "What was asked for."),
        "instrumental": json_schema.flag("Whether nobody sings."),
        "measured_duration_seconds": json_schema.nullable(json_schema.number("Its true length.", exclusiveMinimum=0)),
        "mime_type": json_schema.one_of(["audio/mpeg"], "What the playback URL answers."),
        "licence_class": json_schema.member_of(LicenceClass, "How far it may be used."),
        "playback_url": json_schema.uri("A signed link that works for a few minutes, with `Range` and `HEAD`."),
    },
)


def _job(description: str, playback_url: Schema, track: Schema) -> Schema:
    return json_schema.closed(
        description,
        {
            "id": json_schema.id_of(Kind.GENERATION, "The job."),
            "status": json_schema.member_of(Status, "Where it stands; the last four are final."),
            "progress": json_schema.integer("Percent; never goes down, 100 once it succeeded.", minimum=0, maximum=100),
            "engine": json_schema.text("The engine that was asked."),
            "mode": json_schema.member_of(Mode, "One complete track, or chained segments."),
            "created_at": json_schema.moment("When it was accepted."),
            "result_track_id": json_schema.nullable(json_schema.id_of(Kind.TRACK, "What it made; once it succeeded.")),
            "error_message": json_schema.nullable(json_schema.text("Why it failed, for people; only when it failed.")),
            "refusal_reason": json_schema.nullable(json_schema.text("What to change; only when policy refused it.")),
            "playback_url": playback_url,
            "track": track,
        },
        allOf=[
            json_schema.when(
                "status",
                Status.SUCCEEDED,
                {"progress": {"const": 100}, "result_track_id": {"type": "string"}},
                {
                    "progress": {"maximum": 99},
                    "result_track_id": {"type": "null"},
                    "playback_url": {"type": "null"},
                    "track": {"type": "null"},
                },
            ),
            json_schema.when(
                "status", Status.FAILED, {"error_message": {"type": "string"}}, {"error_message": {"type": "null"}}
            ),
            json_schema.when(
                "status", Status.REFUSED, {"refusal_reason": {"type": "string"}}, {"refusal_reason": {"type": "null"}}
            ),
        ],
    )


_FIELDS: Final = {
    "engine": "The key of an enabled engine.",
    "prompt": "What to make, in words. Blanks around it do not count.",
    "duration_seconds": "How long the piece shall be; at most what the engine makes.",
    "mode": "`creation` makes one complete track, `focus` chained segments.",
    "instrumental": "Whether nobody shall sing.",
    "lyrics": "What to sing; only for an engine that supports lyrics, and not in an instrumental piece.",
    "seed_track_id": "A track that you can read, to continue from.",
    "style_tags": "Words on the style.",
    "title": "The track's title; without one the engine names it.",
    "idempotency_key": "As the header `Idempotency-Key`, which wins over it.",
}

_QUERY: Final = {
    "status": "Only jobs in this state.",
    "limit": "How many at most.",
    "offset": "How many to skip.",
}

_IDEMPOTENCY_KEY: Final = request_bodies.header(
    CreateGeneration,
    "idempotency_key",
    "Idempotency-Key",
    "Makes repeating safe: the same key with the same request answers the job that the first one started.",
)

_REQUEST_EXAMPLE: Final = {
    "engine": "studio",
    "prompt": "warm lofi beat at 82 bpm with rhodes",
    "duration_seconds": 60,
    "instrumental": True,
    "style_tags": ["lofi", "late night"],
    "title": "Night Desk",
}

_QUEUED: Final[dict[str, Any]] = {
    "id": _JOB_ID,
    "status": "queued",
    "progress": 0,
    "engine": "studio",
    "mode": "creation",
    "created_at": json_schema.EXAMPLE_MOMENT,
    "result_track_id": None,
    "error_message": None,
    "refusal_reason": None,
    "playback_url": None,
    "track": None,
}

_SUCCEEDED: Final[dict[str, Any]] = {
    **_QUEUED,
    "status": "succeeded",
    "progress": 100,
    "result_track_id": _TRACK_ID,
    "playback_url": _PLAYBACK_URL,
    "track": {
        "id": _TRACK_ID,
        "title": "Night Desk",
        "engine": "studio",
        "mode": "creation",
        "instrumental": True,
        "measured_duration_seconds": 60.02,
        "mime_type": "audio/mpeg",
        "licence_class": "commercial_cleared",
        "playback_url": _PLAYBACK_URL,
    },
}

_MISSING: Final = Missing("job_id", "Music generation job not found")

_CREATE: Final = Description(
    "Start a generation",
    "Accepts a job and answers at once; follow it by its id. A request that policy refuses is a job, too: its status "
    "is `refused`, its `refusal_reason` says what to change, and it costs nothing.",
    [Success(202, "The job, or the earlier one of this idempotency key.", "Job", _QUEUED, ["Idempotency-Replayed"])],
    parameters=[_IDEMPOTENCY_KEY],
    body=Body("CreateGeneration", "What to make.", _REQUEST_EXAMPLE),
    refusals={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The organization's spend cap would be passed; nothing was charged.",
    },
)

_LIST: Final = Description(
    "List your generations",
    "Your own jobs, newest first. Lists make no links: `playback_url` and `track` are null, `result_track_id` is not.",
    [
        Success(
            200,
            "A page of jobs.",
            "Jobs",
            {"jobs": [{**_SUCCEEDED, "playback_url": None, "track": None}], "limit": 50, "offset": 0},
        )
    ],
    parameters=request_bodies.query(GenerationsQuery, _QUERY),
)

_GET: Final = Description(
    "Look at a generation",
    "Its present state. A succeeded one comes with its track and a fresh playback URL each time.",
    [Success(200, "The job.", "Job", _SUCCEEDED)],
    missing=[_MISSING],
)

_CANCEL: Final = Description(
    "Cancel a generation",
    "Takes a job back; there is no body. A queued job is `cancelled` at once, a running one at its next checkpoint, so "
    "the answer may still say `running`. A job that has ended stays as it is.",
    [Success(200, "The job as it stands now.", "Job", {**_QUEUED, "status": "cancelled"})],
    missing=[_MISSING],
)


def noun(cards: Sequence[EngineInfo]) -> Noun:
    """Generations; what may be asked depends on the engines on offer."""
    return Noun(
        "Generations",
        "A generation is a job: it waits in a queue, a worker renders it, and its track can be played.",
        {
            "CreateGeneration": _create_generation(cards),
            "Job": _job(
                "A generation.",
                json_schema.nullable(json_schema.uri("A fresh signed link to its track; once it succeeded.")),
                json_schema.nullable(json_schema.ref("TrackSummary", "Its track; once it succeeded.")),
            ),
            "ListedJob": _job(
                "A generation in a list.",
                json_schema.null("Null in lists: ask for the job itself."),
                json_schema.null("Null in lists: ask for the job itself."),
            ),
            "TrackSummary": _TRACK_SUMMARY,
            "Jobs": json_schema.page_of("jobs", "ListedJob", "A page of jobs, newest first."),
        },
        {
            "create-generation": _CREATE,
            "list-generations": _LIST,
            "get-generation": _GET,
            "cancel-generation": _CANCEL,
        },
    )


def _create_generation(cards: Sequence[EngineInfo]) -> Schema:
    rules = [
        json_schema.when("instrumental", True, {"lyrics": {"type": "null"}}, {}),
        *(json_schema.when("engine", card.key, _limits(card), {}) for card in cards),
    ]
    schema = request_bodies.body(CreateGeneration, "What to make.", _FIELDS)
    engine = json_schema.one_of([card.key for card in cards], _FIELDS["engine"])
    return {**schema, "properties": {**schema["properties"], "engine": engine}, "allOf": rules}


def _limits(card: EngineInfo) -> Mapping[str, Schema]:
    """What other fields of a request must be for this engine."""
    reach: dict[str, Schema] = {"duration_seconds": {"maximum": card.max_duration_seconds}}
    return reach if card.supports_lyrics else {**reach, "lyrics": {"type": "null"}}
