"""Section 6 of the contract: share links."""

from collections.abc import Mapping
from typing import Any, Final

from core.ids import Kind
from core.jobs import Mode
from core.sharing import Target, Visibility
from resolvers.sharing.commands import MAX_DAYS, Share
from rest_compat.openapi import collection_members, json_schema, licences, request_bodies, tracks
from rest_compat.openapi.descriptions import Body, Description, Missing, Noun, Success
from rest_compat.openapi.parameters import TOKEN

_SHARE_ID: Final = json_schema.example_id(Kind.SHARE_LINK)
_TRACK_ID: Final = json_schema.example_id(Kind.TRACK)
_EXPIRY: Final = "2026-07-28T10:30:00Z"

_MISSING_LINK: Final = Missing("share_id", "Music share link not found")
_MISSING_TOKEN: Final = Missing("token", "Music share link not found")

_LINK: Final = json_schema.closed(
    "A new share link. Its token is shown here and never again.",
    {
        "id": json_schema.id_of(Kind.SHARE_LINK, "The link; revoke it by this."),
        "token": {"type": "string", "pattern": "^shr_[0-9a-f]{32}$", "description": "What opens it."},
        "url": json_schema.uri("Where it opens, without a credential."),
        "target_type": json_schema.member_of(Target, "What it leads to."),
        "visibility": json_schema.member_of(Visibility, "Who may find it."),
        "expires_at": json_schema.nullable(json_schema.moment("When it stops working; null if never.")),
        "created_at": json_schema.moment("When it was made."),
    },
)

_FACTS: Final = json_schema.closed(
    "The link that was opened.",
    {
        "target_type": json_schema.member_of(Target, "What it leads to."),
        "visibility": json_schema.member_of(Visibility, "Who may find it."),
        "expires_at": json_schema.nullable(json_schema.moment("When it stops working; null if never.")),
    },
)

_LICENCE: Final = json_schema.closed(
    "What a track may be used for.",
    {"licence_class": licences.CLASS, "licence_version": licences.VERSION, **licences.USES},
    allOf=[licences.RULE],
)

_TRACK: Final = json_schema.closed(
    "A track as a share link shows it.",
    {
        "id": json_schema.id_of(Kind.TRACK, "The track."),
        "title": json_schema.nullable(json_schema.text("Its title.")),
        "engine": json_schema.text("The engine that made it."),
        "mode": json_schema.member_of(Mode, "One complete track, or chained segments."),
        "measured_duration_seconds": json_schema.nullable(json_schema.number("Its true length.", exclusiveMinimum=0)),
        "instrumental": json_schema.flag("Whether nobody sings."),
        "playback_url": json_schema.nullable(json_schema.uri("A fresh signed link that works for a few minutes.")),
        "licence": json_schema.ref("SharedLicence", "What it may be used for."),
    },
)

_COLLECTION: Final = json_schema.closed(
    "A collection as a share link shows it.",
    {
        "id": json_schema.id_of(Kind.COLLECTION, "The collection."),
        "name": json_schema.text("Its name."),
        "description": {"type": ["string", "null"], "description": "What it is about."},
    },
)


def _filled(kind: Target, *names: str) -> Mapping[str, Any]:
    """What an available link of this kind fills; the other fields of content are null."""
    content = ("track", "collection", "tracks")
    told = {name: {"not": {"type": "null"}} if name in names else {"type": "null"} for name in content}
    condition = {"properties": {"available": {"const": True}, "kind": {"const": kind.value}}}
    return {"if": condition, "then": {"properties": told}}


_RESOLVED: Final = json_schema.closed(
    "What a share link leads to.",
    {
        "kind": json_schema.member_of(Target, "What it leads to."),
        "available": json_schema.flag("Whether it is still there."),
        "message": json_schema.nullable(json_schema.text("Why it is not there, for people; null while it is.")),
        "share": json_schema.ref("SharedLink", "The link that was opened."),
        "track": json_schema.nullable(json_schema.ref("SharedTrack", "The track of a track's link.")),
        "collection": json_schema.nullable(
            json_schema.ref("SharedCollection", "The collection of a collection's link.")
        ),
        "tracks": json_schema.nullable(
            json_schema.array_of(
                json_schema.ref("SharedTrack"), "The collection's tracks in order, without deleted ones."
            )
        ),
    },
    allOf=[
        json_schema.when(
            "available",
            True,
            {"message": {"type": "null"}},
            {
                "message": {"type": "string"},
                **{name: {"type": "null"} for name in ("track", "collection", "tracks")},
            },
        ),
        _filled(Target.TRACK, "track"),
        _filled(Target.COLLECTION, "collection", "tracks"),
    ],
)

_EDGE: Final = json_schema.closed(
    "A shared track in your library.",
    {
        "id": json_schema.id_of(Kind.LIBRARY_ENTRY, "The entry."),
        "track_id": json_schema.id_of(Kind.TRACK, "The track."),
        "source": json_schema.one_of(["own", "shared"], "Whether you made the track, or somebody shared it with you."),
        "share_link_id": json_schema.nullable(json_schema.id_of(Kind.SHARE_LINK, "The link that it came by.")),
        "created_at": json_schema.moment("When it was saved first."),
    },
)

_FIELDS: Final = {
    "visibility": "Who may find the link.",
    "expires_in_days": f"How long it works; more than {MAX_DAYS} counts as {MAX_DAYS}, and without it the link works "
    "until it is revoked.",
}

_LINK_EXAMPLE: Final[Mapping[str, Any]] = {
    "id": _SHARE_ID,
    "token": TOKEN,
    "url": f"https://music.example.org/v1/music/shared/{TOKEN}",
    "target_type": "track",
    "visibility": "link_only",
    "expires_at": _EXPIRY,
    "created_at": json_schema.EXAMPLE_MOMENT,
}

_RESOLVED_EXAMPLE: Final[Mapping[str, Any]] = {
    "kind": "track",
    "available": True,
    "message": None,
    "share": {"target_type": "track", "visibility": "link_only", "expires_at": _EXPIRY},
    "track": {
        "id": _TRACK_ID,
        "title": "Night Desk",
        "engine": "studio",
        "mode": "creation",
        "measured_duration_seconds": 120.4,
        "instrumental": True,
        "playback_url": "https://music.example.org/media/ab/abcdef.mp3?expires=1782643500&signature=0123",
        "licence": {
            "licence_class": "commercial_cleared",
            "licence_version": "2026-11",
            "commercial_use": True,
            "requires_attribution": False,
        },
    },
    "collection": None,
    "tracks": None,
}

_EDGE_EXAMPLE: Final = {
    "id": json_schema.example_id(Kind.LIBRARY_ENTRY),
    "track_id": _TRACK_ID,
    "source": "shared",
    "share_link_id": _SHARE_ID,
    "created_at": json_schema.EXAMPLE_MOMENT,
}

_REVOKED: Final = json_schema.acknowledgement(Kind.SHARE_LINK, "The link.", "Share link revoked.")

_BODY: Final = Body("ShareRequest", "Who may find it, and for how long.", {"expires_in_days": 30}, is_required=False)

_RESOLVE: Final = Description(
    "Open a share link",
    "What the link leads to, for anybody who has it. A link whose content was deleted says so; a link that is missing, "
    "revoked or expired is not found. Every attempt is written down. A browser, whose `Accept` names HTML before JSON, "
    "is shown a page.",
    [
        Success(
            200,
            "What it leads to, or that it is not available any more.",
            "Resolved",
            _RESOLVED_EXAMPLE,
            also=["text/html"],
        )
    ],
    missing=[_MISSING_TOKEN],
    refusals={"RATE_LIMIT_EXCEEDED": "Too many attempts from your address; `Retry-After` says how long to wait."},
)

_SAVE: Final = Description(
    "Save a shared track",
    "Puts the track that a link leads to into your library; there is no body. The track stays there when the link is "
    "revoked later.",
    [
        Success(201, "The new entry.", "SharedLibraryEntry", _EDGE_EXAMPLE),
        Success(200, "You had saved it before.", "SharedLibraryEntry", _EDGE_EXAMPLE),
    ],
    missing=[_MISSING_TOKEN],
    refusals={
        "OPERATION_NOT_ALLOWED": "You belong to no organization whose library could hold it.",
        "VALIDATION_ERROR": "The link leads to a collection, which cannot be saved.",
    },
)


def noun() -> Noun:
    """Sharing."""
    made = [Success(201, "The new link.", "ShareLink", _LINK_EXAMPLE)]
    of_collection = {**_LINK_EXAMPLE, "target_type": "collection"}
    return Noun(
        "Sharing",
        "A share link opens a track or a collection to whoever has it, until it expires or is revoked.",
        {
            "ShareRequest": request_bodies.body(Share, "A new link.", _FIELDS),
            "ShareLink": _LINK,
            "ShareLinkRevoked": _REVOKED.schema,
            "Resolved": _RESOLVED,
            "SharedLink": _FACTS,
            "SharedTrack": _TRACK,
            "SharedLicence": _LICENCE,
            "SharedCollection": _COLLECTION,
            "SharedLibraryEntry": _EDGE,
        },
        {
            "share-track": Description(
                "Share a track",
                "For the track's creator. Each call makes a new link; its token is shown this once.",
                made,
                body=_BODY,
                missing=[tracks.MISSING],
            ),
            "share-collection": Description(
                "Share a collection",
                "For the collection's owner. Each call makes a new link; its token is shown this once.",
                [Success(201, "The new link.", "ShareLink", of_collection)],
                body=_BODY,
                missing=[collection_members.MISSING],
            ),
            "revoke-share": Description(
                "Revoke a share link",
                "It stops working at once. Who saved a track by it keeps the track; revoking again is no error.",
                [Success(200, "It does not work any more.", "ShareLinkRevoked", _REVOKED.example)],
                missing=[_MISSING_LINK],
            ),
            "resolve-share": _RESOLVE,
            "save-shared-track": _SAVE,
        },
    )
