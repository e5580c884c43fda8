"""GraphQL enums for the enums of ``core`` and ``storage``, with a description of each value."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from core import track_metadata
from core.activity import ActivityKind
from core.exports import ExportStatus
from core.focus import EndReason, Goal, Intensity, SessionStatus
from core.formats import Format
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.sharing import Target, Visibility
from core.spend_windows import Window
from core.verification import Verdict
from core.webhooks import DeliveryStatus, WebhookEvent
from schema.execution import strawberry_internals
from storage.queries.libraries import Direction, Sort
from storage.tables import FileRole, LibrarySource

Member = TypeVar("Member", bound=Enum)


def _register(enum: type[Member], name: str, description: str, values: Mapping[Member, str]) -> None:
    """Make ``enum`` a GraphQL enum, so that types can refer to it in annotations."""
    strawberry.enum(enum, name=name, description=description)
    for value in strawberry_internals.enum_definition(enum).values:
        value.description = values[enum(value.value)]


_register(
    Status,
    "GenerationStatus",
    "The status of a generation.",
    {
        Status.QUEUED: "Accepted and waiting for a worker.",
        Status.RUNNING: "A worker is rendering it.",
        Status.SUCCEEDED: "The track is available.",
        Status.FAILED: "It failed permanently. Nothing is charged.",
        Status.CANCELLED: "It was cancelled. Nothing is charged.",
        Status.REFUSED: "The content policy refused it. Nothing is charged.",
    },
)

_register(
    Mode,
    "GenerationMode",
    "What a generation produces.",
    {
        Mode.CREATION: "One complete track.",
        Mode.FOCUS: "Segments that are joined in playback.",
    },
)

_register(
    LicenceClass,
    "LicenceClass",
    "The permitted use of a track.",
    {
        LicenceClass.COMMERCIAL_CLEARED: "Cleared for commercial use.",
        LicenceClass.COMMERCIAL_ENTERPRISE: "Commercial use under an enterprise agreement.",
        LicenceClass.PERSONAL_ONLY: "Personal use only.",
        LicenceClass.UNCLEAR: "Not cleared. Treat it as personal use only.",
    },
)

_register(
    Format,
    "DownloadFormat",
    "The format of a download.",
    {
        Format.MP3: "The master as MP3, 192 kbit/s.",
        Format.FLAC: "The master as FLAC, 24 bit.",
        Format.WAV: "The master as WAV, 24 bit.",
        Format.STEMS: "All stems as FLAC, in a ZIP archive.",
        Format.STEM: "One stem as FLAC.",
        Format.MIDI: "The score as a Standard MIDI File.",
        Format.WAVEFORM: "Waveform peaks in the JSON format of audiowaveform, version 2, as read by wavesurfer.js "
        "and peaks.js.",
        Format.COVER: "The cover image as PNG.",
    },
)

_register(
    track_metadata.SourceType,
    "DigitalSourceType",
    "How audio is created, by terms of the IPTC digital source type vocabulary.",
    {
        track_metadata.SourceType.ALGORITHMIC_MEDIA: "By an algorithm that was not trained on recordings.",
        track_metadata.SourceType.TRAINED_ALGORITHMIC_MEDIA: "By a model that was trained on recordings.",
    },
)

_register(
    LibrarySource,
    "LibrarySource",
    "How a track was added to a library.",
    {
        LibrarySource.OWN: "The user created the track.",
        LibrarySource.SHARED: "The user saved the track from a share link.",
    },
)

_register(
    Visibility,
    "ShareVisibility",
    "Who can find a share link.",
    {Visibility.LINK_ONLY: "Recipients of the link.", Visibility.PUBLIC: "Everyone."},
)

_register(
    Target,
    "ShareTarget",
    "What a share link shares.",
    {Target.TRACK: "A track.", Target.COLLECTION: "A collection."},
)

_register(
    Window,
    "UsageWindow",
    "A calendar window of spending, aligned in UTC.",
    {
        Window.DAY: "A day, from midnight.",
        Window.WEEK: "A week, from Monday.",
        Window.MONTH: "A month, from the first day.",
    },
)

_register(
    Goal,
    "FocusGoal",
    "The purpose of a focus session.",
    {
        Goal.FOCUS: "Steady and unobtrusive music for concentrated work.",
        Goal.RELAX: "Warm and unhurried music.",
        Goal.SLEEP: "Slow and soft music without drums.",
        Goal.ENERGIZE: "Driving music for movement.",
        Goal.CUSTOM_PROMPT: "Music described by the prompt.",
    },
)

_register(
    Intensity,
    "FocusIntensity",
    "The intensity of the music: tempo, styles and number of parts.",
    {Intensity.LOW: "Low.", Intensity.MEDIUM: "Medium.", Intensity.HIGH: "High."},
)

_register(
    SessionStatus,
    "FocusSessionStatus",
    "The status of a focus session.",
    {
        SessionStatus.ACTIVE: "Segments are rendered as the listener needs them.",
        SessionStatus.ENDED: "No further segments are rendered. Ready segments stay available.",
        SessionStatus.STOPPED_CAP: "The organization's spend cap was reached. Ready segments stay available.",
    },
)

_register(
    EndReason,
    "FocusEndReason",
    "Why a focus session renders no further segments.",
    {
        EndReason.LISTENER: "The listener ended it.",
        EndReason.COMPLETE: "All segments are ready.",
        EndReason.CAP: "The organization's spend cap was reached.",
        EndReason.BROKEN: "A segment could not be rendered.",
    },
)

_register(
    Sort,
    "LibrarySort",
    "The sort key of a library.",
    {
        Sort.SAVED_AT: "The time when the track was saved. Default direction: `DESC`.",
        Sort.CREATED_AT: "The time when the track was created. Default direction: `DESC`.",
        Sort.TITLE: "The title, case-insensitive. Default direction: `ASC`.",
        Sort.DURATION: "The duration. Default direction: `ASC`.",
    },
)

_register(
    Direction,
    "SortDirection",
    "The direction of a sort.",
    {Direction.ASC: "Ascending.", Direction.DESC: "Descending."},
)

_register(
    ActivityKind,
    "ActivityKind",
    "The kind of an event in an activity feed.",
    {
        ActivityKind.STATE: "A snapshot of the current state: the start of a feed, or a restart after lost events.",
        ActivityKind.GENERATION: "A generation was created or changed.",
        ActivityKind.FOCUS_SESSION: "A focus session was created or changed.",
        ActivityKind.TRACK: "A track was renamed, or a requested file became ready.",
        ActivityKind.TRACK_REMOVED: "A track was removed from your library or deleted.",
        ActivityKind.LIBRARY_ENTRY: "A track was saved or tagged, or its favourite flag changed.",
        ActivityKind.SHARE_LINK: "A share link was created or revoked.",
    },
)

_register(
    WebhookEvent,
    "WebhookEvent",
    "An event that webhooks can receive.",
    {
        WebhookEvent.GENERATION_SUCCEEDED: "A generation succeeded; its track is available.",
        WebhookEvent.GENERATION_FAILED: "A generation failed permanently.",
        WebhookEvent.GENERATION_CANCELLED: "A generation was cancelled.",
        WebhookEvent.GENERATION_REFUSED: "The content policy refused a generation.",
        WebhookEvent.FOCUS_SEGMENT_READY: "A further segment of a focus session is ready.",
    },
)

_register(
    DeliveryStatus,
    "WebhookDeliveryStatus",
    "The status of a webhook delivery.",
    {
        DeliveryStatus.PENDING: "Waiting for its first or next attempt.",
        DeliveryStatus.DELIVERED: "The receiver responded with a 2xx status.",
        DeliveryStatus.FAILED: "All attempts failed. It can be redelivered on request.",
    },
)

_register(
    Verdict,
    "Verdict",
    "The result of a verification.",
    {
        Verdict.MATCHED: "The file is identical to a file of a track created here.",
        Verdict.ALTERED: "The file's metadata names a track created here, but its bytes differ from all its files.",
        Verdict.UNKNOWN: "Neither the file nor the named track is known here.",
    },
)

_register(
    ExportStatus,
    "ExportStatus",
    "The status of an export.",
    {
        ExportStatus.QUEUED: "Requested and waiting for a worker.",
        ExportStatus.RUNNING: "A worker is writing the archive.",
        ExportStatus.SUCCEEDED: "The archive is available until it expires.",
        ExportStatus.FAILED: "It failed permanently. Request a new export.",
    },
)

_register(
    FileRole,
    "FileRole",
    "The role of a file of a track.",
    {
        FileRole.MASTER: "The finished mix.",
        FileRole.LOSSLESS: "The lossless mix, as rendered by the engine.",
        FileRole.STEM: "A stem.",
        FileRole.SCORE: "The score as MIDI.",
        FileRole.WAVEFORM: "Waveform peaks.",
        FileRole.COVER: "A cover image.",
        FileRole.STREAM: "A chunk of a focus session's HLS stream.",
        FileRole.DOWNLOAD: "A further format, rendered on request.",
    },
)
