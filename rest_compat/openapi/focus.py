"""Section 5 of the contract: focus sessions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.focus import Goal, SessionStatus
from core.ids import Kind
from engines.port import EngineInfo
from resolvers.focus.commands import IdempotencyKey, PromoteFocusSegment, StartFocusSession
from rest_compat.openapi import json_schema, request_bodies
from rest_compat.openapi.descriptions import Body, Description, Missing, Noun, Success
from rest_compat.openapi.json_schema import Schema

_SESSION_ID: Final = json_schema.example_id(Kind.FOCUS_SESSION)

_MISSING: Final = Missing("session_id", "Music focus session not found")
_MISSING_SEGMENT: Final = Missing("segment_index", "Music focus segment not found")

_SEGMENT: Final = json_schema.closed(
    "A segment that can be played.",
    {
        "segment_index": json_schema.integer("Its place in the session.", minimum=0),
        "playback_url": json_schema.uri("A fresh signed link that works for a few minutes, with `Range` and `HEAD`."),
        "measured_duration_seconds": json_schema.number(
            "Its true length; it sounds on under the next segment for as long as it fades out.", exclusiveMinimum=0
        ),
        "target_lufs": json_schema.number("The loudness that it is made for."),
        "fade_in_ms": json_schema.integer(
            "How long to fade it in, while the one before fades out; not in the audio.", minimum=0
        ),
        "fade_out_ms": json_schema.integer("How long to fade it out at its end; not in the audio.", minimum=0),
    },
)

_SESSION: Final = json_schema.closed(
    "A focus session.",
    {
        "session_id": json_schema.id_of(Kind.FOCUS_SESSION, "The session."),
        "status": json_schema.member_of(SessionStatus, "Where it stands; only an active one makes new segments."),
        "goal": json_schema.member_of(Goal, "What the music is for."),
        "engine": json_schema.text("The engine that makes it."),
        "target_minutes": json_schema.integer("How long it is planned to last.", minimum=1, maximum=720),
        "total_segments": json_schema.integer("How many segments are planned.", minimum=1),
        "ready_count": json_schema.integer("How many can be played.", minimum=0),
        "segments": json_schema.array_of(json_schema.ref("FocusSegment"), "Those that can be played, in order."),
        "more_pending": json_schema.flag("Whether more will come."),
        "next_ready_at": json_schema.nullable(
            json_schema.moment("When to expect the next one; null while nobody can tell.")
        ),
    },
    allOf=[
        json_schema.when(
            "status",
            SessionStatus.ACTIVE,
            {"more_pending": {"const": True}},
            {"more_pending": {"const": False}, "next_ready_at": {"type": "null"}},
        )
    ],
)

_EDGE: Final = json_schema.closed(
    "A segment's track in your library.",
    {
        "id": json_schema.id_of(Kind.LIBRARY_ENTRY, "The entry."),
        "track_id": json_schema.id_of(Kind.TRACK, "The track."),
        "source": json_schema.one_of(["own", "shared"], "Always `own`."),
        "created_at": json_schema.moment("When it was saved first."),
        "saved": {"type": "boolean", "const": True, "description": "Always true."},
    },
)

_FIELDS: Final = {
    "goal": "What the music is for.",
    "target_minutes": "How long it shall last.",
    "custom_prompt": "What to play, in 1 to 2000 characters: required with the goal `custom_prompt`, else ignored.",
    "intensity": "How much shall happen.",
    "divergence": "How far segments may lead away from one another.",
    "engine": "The key of an enabled engine that supports focus; without it the default one.",
}

_IDEMPOTENCY_KEY: Final = request_bodies.header(
    IdempotencyKey,
    "idempotency_key",
    "Idempotency-Key",
    "Makes repeating safe: the same key with the same request answers the session that the first one started.",
)

_STARTED: Final[Mapping[str, Any]] = {
    "session_id": _SESSION_ID,
    "status": "active",
    "goal": "focus",
    "engine": "studio",
    "target_minutes": 60,
    "total_segments": 30,
    "ready_count": 0,
    "segments": [],
    "more_pending": True,
    "next_ready_at": json_schema.EXAMPLE_MOMENT,
}

_PLAYING: Final[Mapping[str, Any]] = {
    **_STARTED,
    "ready_count": 1,
    "segments": [
        {
            "segment_index": 0,
            "playback_url": "https://music.example.org/media/ab/abcdef.mp3?expires=1782643500&signature=0123",
            "measured_duration_seconds": 45.3,
            "target_lufs": -16.0,
            "fade_in_ms": 0,
            "fade_out_ms": 6000,
        }
    ],
}

_ENDED: Final[Mapping[str, Any]] = {
    **_STARTED,
    "status": "ended",
    "ready_count": 1,
    "more_pending": False,
    "next_ready_at": None,
}

_KEPT: Final = {
    "id": json_schema.example_id(Kind.LIBRARY_ENTRY),
    "track_id": json_schema.example_id(Kind.TRACK),
    "source": "own",
    "created_at": json_schema.EXAMPLE_MOMENT,
    "saved": True,
}

_START: Final = Description(
    "Start a focus session",
    "Begins music that goes on, segment by segment, and answers at once; read the session to see its segments arrive. "
    "Segments are made a few ahead of where a listener is, so read it again from time to time: a session that nobody "
    "asks for rests, and goes on when somebody does.",
    [Success(202, "The session, or the earlier one of this key.", "FocusSession", _STARTED, ["Idempotency-Replayed"])],
    parameters=[_IDEMPOTENCY_KEY],
    body=Body("StartFocusSession", "What to listen to.", {"goal": "focus", "target_minutes": 60}),
    refusals={
        "CONFLICT": "The idempotency key was used for another request.",
        "SPEND_CAP_EXCEEDED": "The organization's spend cap would be passed by the first segment.",
        "VALIDATION_ERROR": "Values break rules, or policy refuses the prompt; `details.errors` lists every problem.",
    },
)

_PROMOTE: Final = Description(
    "Keep a segment",
    "Puts the track of a ready segment into your library, under a title if you give one. Nothing is made again.",
    [
        Success(201, "The new entry.", "FocusLibraryEntry", _KEPT),
        Success(200, "You had kept it before.", "FocusLibraryEntry", _KEPT),
    ],
    body=Body("PromoteFocusSegment", "What to call it.", {"title": "Night Desk"}, is_required=False),
    missing=[_MISSING, _MISSING_SEGMENT],
    refusals={"CONFLICT": "The segment is not ready."},
)


def noun(cards: Sequence[EngineInfo]) -> Noun:
    """Focus sessions; what may be asked depends on the engines on offer."""
    return Noun(
        "Focus sessions",
        "Music that goes on for as long as you like, in segments that are joined without a seam.",
        {
            "FocusSession": _SESSION,
            "FocusSegment": _SEGMENT,
            "FocusLibraryEntry": _EDGE,
            "StartFocusSession": _start(cards),
            "PromoteFocusSegment": request_bodies.body(
                PromoteFocusSegment, "A segment to keep.", {"title": "The track's title; without one it has its own."}
            ),
        },
        {
            "start-focus-session": _START,
            "get-focus-session": Description(
                "Read a focus session",
                "For its owner. Its links are fresh at each read.",
                [Success(200, "The session.", "FocusSession", _PLAYING)],
                missing=[_MISSING],
            ),
            "end-focus-session": Description(
                "End a focus session",
                "Nothing new is made; what is ready can still be read and played. Ending it again is no error.",
                [Success(200, "The session, without its segments.", "FocusSession", _ENDED)],
                missing=[_MISSING],
            ),
            "promote-focus-segment": _PROMOTE,
        },
    )


def _start(cards: Sequence[EngineInfo]) -> Schema:
    """The command's own rules, and those that its schema cannot say."""
    schema = request_bodies.body(StartFocusSession, "A new session.", _FIELDS)
    fields = schema["properties"]
    engines = [*(card.key for card in cards if card.supports_focus), None]
    # whatever stands here is ignored, unless the goal asks for it
    ignored = {"description": _FIELDS["custom_prompt"]}
    wanted = {**fields["custom_prompt"], "type": "string"}
    rule = json_schema.when("goal", Goal.CUSTOM_PROMPT.value, {"custom_prompt": wanted}, {})
    return {
        **schema,
        "properties": {**fields, "custom_prompt": ignored, "engine": {**_choice(fields["engine"]), "enum": engines}},
        "allOf": [{**rule, "then": {**rule["then"], "required": ["custom_prompt"]}}],
    }


def _choice(text: Schema) -> Schema:
    """A closed set needs no limits of its text."""
    return {name: value for name, value in text.items() if name not in {"minLength", "maxLength", "pattern"}}
