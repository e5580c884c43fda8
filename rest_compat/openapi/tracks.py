"""Section 3 of the contract: tracks and the library."""

from collections.abc import Mapping
from typing import Any, Final

from core.formats import Format
from core.ids import Kind
from core.jobs import Mode
from rest_compat.openapi import json_schema, licences, parameters, request_bodies
from rest_compat.openapi.descriptions import Description, Missing, Noun, Success
from rest_compat.openapi.json_schema import Schema
from rest_compat.requests import DownloadQuery, TracksQuery

_TRACK_ID: Final = json_schema.example_id(Kind.TRACK)

MISSING: Final = Missing("track_id", "Music track not found")


def _track(description: str, playback_url: Schema, stem_urls: Schema) -> Schema:
    return json_schema.closed(
        description,
        {
            "id": json_schema.id_of(Kind.TRACK, "The track."),
            "title": json_schema.nullable(json_schema.text("Its title.")),
            "engine": json_schema.text("The engine that made it."),
            "mode": json_schema.member_of(Mode, "One complete track, or chained segments."),
            "measured_duration_seconds": json_schema.nullable(
                json_schema.number("Its true length; null if nobody measured it.", exclusiveMinimum=0)
            ),
            "instrumental": json_schema.flag("Whether nobody sings."),
            "licence_class": licences.CLASS,
            **licences.USES,
            "created_at": json_schema.moment("When the track was made; not when it was saved."),
            "playback_url": playback_url,
            "stem_urls": stem_urls,
        },
        allOf=[licences.RULE],
    )


_STEM_URLS: Final = {
    "type": "object",
    "description": "A fresh signed link to each part, by the part's name; null for a track without parts.",
    "minProperties": 1,
    "additionalProperties": json_schema.uri("A signed link that works for a few minutes."),
}

_EDGE: Final = json_schema.closed(
    "A track in your library.",
    {
        "id": json_schema.id_of(Kind.LIBRARY_ENTRY, "The entry."),
        "track_id": json_schema.id_of(Kind.TRACK, "The track."),
        "source": json_schema.one_of(["own", "shared"], "Whether you made the track, or somebody shared it with you."),
        "created_at": json_schema.moment("When it was saved first."),
        "saved": {"type": "boolean", "const": True, "description": "Always true."},
    },
)

_QUERY: Final = {
    "mode": "Only tracks of this mode.",
    "engine": "Only tracks of this engine.",
    "collection_id": "Only tracks of this collection; none if it is not yours.",
    "limit": "How many at most.",
    "offset": "How many to skip.",
}

_EXAMPLE: Final[Mapping[str, Any]] = {
    "id": _TRACK_ID,
    "title": "Night Desk",
    "engine": "studio",
    "mode": "creation",
    "measured_duration_seconds": 120.4,
    "instrumental": True,
    "licence_class": "commercial_cleared",
    "commercial_use": True,
    "requires_attribution": False,
    "created_at": json_schema.EXAMPLE_MOMENT,
    "playback_url": "https://music.example.org/media/ab/abcdef.mp3?expires=1782643500&signature=0123",
    "stem_urls": {"drums": "https://music.example.org/media/cd/cdefab.flac?expires=1782643500&signature=4567"},
}

_EDGE_EXAMPLE: Final = {
    "id": json_schema.example_id(Kind.LIBRARY_ENTRY),
    "track_id": _TRACK_ID,
    "source": "own",
    "created_at": json_schema.EXAMPLE_MOMENT,
    "saved": True,
}

_REMOVED: Final = json_schema.acknowledgement(Kind.TRACK, "The track.", "Track removed from library.")
_DELETED: Final = json_schema.acknowledgement(Kind.TRACK, "The track.", "Track deleted.")

_LIST: Final = Description(
    "List your library",
    "The tracks that you saved, the newest save first; a finished generation is not saved by itself. Lists make no "
    "links: `playback_url` and `stem_urls` are null.",
    [
        Success(
            200,
            "A page of tracks.",
            "Tracks",
            {"items": [{**_EXAMPLE, "playback_url": None, "stem_urls": None}], "limit": 50, "offset": 0},
        )
    ],
    parameters=request_bodies.query(TracksQuery, _QUERY),
)

_GET: Final = Description(
    "Look at a track",
    "For whoever made it or saved it, with fresh links each time.",
    [Success(200, "The track.", "Track", _EXAMPLE)],
    missing=[MISSING],
)

_SAVE: Final = Description(
    "Save a track",
    "Puts a track that you can read into your library; there is no body. Saving it again answers the same entry.",
    [Success(200, "The entry, new or as it was.", "LibraryEntry", _EDGE_EXAMPLE)],
    missing=[MISSING],
)

_UNSAVE: Final = Description(
    "Take a track out of the library",
    "The track itself stays. Taking out what is not there is no error; only a track that you cannot read is not found.",
    [Success(200, "It is not in your library.", "TrackUnsaved", _REMOVED.example)],
    missing=[MISSING],
)

_DELETE: Final = Description(
    "Delete a track",
    "For its creator only. It leaves every library and every collection, its files cannot be fetched any more, and its "
    "share links say that it is not available. What was charged for it stays charged.",
    [Success(200, "It is gone.", "TrackDeleted", _DELETED.example)],
    missing=[MISSING],
    refusals={"OPERATION_NOT_ALLOWED": "You can read the track, but somebody else made it."},
)


_FILE: Final = {
    "format": json_schema.member_of(Format, "What was asked for."),
    "part": json_schema.nullable(json_schema.text("Which part, for one stem.")),
    "mime_type": json_schema.text("The file's type."),
    "file_name": json_schema.text("What a browser saves it as."),
}

_FILE_EXAMPLE: Final = {"format": "flac", "part": None, "mime_type": "audio/flac", "file_name": "Night Desk.flac"}

_DOWNLOAD: Final = Description(
    "Download a track",
    "Beyond the contract. Leads to the file in the format that you ask for, under a name to save it by. A rare format "
    "is made first, once; until it is there the answer is 202: come again after `Retry-After`. Follow the link without "
    "your key: it is signed, and may lead to another host. A format that cannot be had of this track is not found.",
    [
        Success(
            302,
            "The file is there, at `Location`.",
            "ReadyDownload",
            {
                **_FILE_EXAMPLE,
                "url": parameters.HEADERS["Location"]["example"],
                "size_bytes": 11_928_353,
                "is_ready": True,
            },
            headers=("Location",),
        ),
        Success(
            202,
            "It is being made.",
            "ComingDownload",
            {**_FILE_EXAMPLE, "url": None, "size_bytes": None, "is_ready": False},
            headers=("Retry-After",),
        ),
    ],
    parameters=request_bodies.query(
        DownloadQuery,
        {
            "format": "`mp3` is the master, `flac` and `wav` the lossless one, `stems` all parts in a ZIP, `stem` one "
            "part, `midi` the score, `waveform` its peaks, `cover` the picture.",
            "part": "Which part, for the format `stem` only: drums, bass, harmony, melody, texture.",
        },
    ),
    missing=[MISSING, Missing("track_id", "File of the music track not found")],
)


def noun() -> Noun:
    """Tracks."""
    return Noun(
        "Tracks",
        "A track is a finished piece. Your library holds the tracks that you saved, your own and shared ones.",
        {
            "Track": _track(
                "A finished piece of music.",
                json_schema.nullable(
                    json_schema.uri("A fresh signed link for a few minutes, with `Range` and `HEAD`.")
                ),
                json_schema.nullable(_STEM_URLS),
            ),
            "ListedTrack": _track(
                "A track in a list.",
                json_schema.null("Null in lists: ask for the track itself."),
                json_schema.null("Null in lists: ask for the track itself."),
            ),
            "LibraryEntry": _EDGE,
            "TrackUnsaved": _REMOVED.schema,
            "TrackDeleted": _DELETED.schema,
            "ReadyDownload": json_schema.closed(
                "A file that is there.",
                {
                    **_FILE,
                    "url": json_schema.uri("The link of `Location` once more."),
                    "size_bytes": json_schema.integer("How large it is.", minimum=1),
                    "is_ready": {"type": "boolean", "const": True, "description": "Always true."},
                },
            ),
            "ComingDownload": json_schema.closed(
                "A file that is being made.",
                {
                    **_FILE,
                    "url": json_schema.null("Null until it is there."),
                    "size_bytes": json_schema.null("Null until it is there."),
                    "is_ready": {"type": "boolean", "const": False, "description": "Always false."},
                },
            ),
            "Tracks": json_schema.page_of("items", "ListedTrack", "A page of tracks, the newest save first."),
        },
        {
            "list-tracks": _LIST,
            "get-track": _GET,
            "save-track": _SAVE,
            "unsave-track": _UNSAVE,
            "delete-track": _DELETE,
            "download-track": _DOWNLOAD,
        },
    )
