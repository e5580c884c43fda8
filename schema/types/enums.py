"""The closed sets of core, as GraphQL enums with a description on every value."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from core import track_metadata
from core.activity import ActivityKind
from core.exports import ExportStatus
from core.focus import Goal, Intensity, SessionStatus
from core.formats import Format
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.playback_clock import EndReason
from core.sharing import Target, Visibility
from core.spend_windows import Window
from core.verification import Verdict
from core.webhooks import DeliveryStatus, WebhookEvent
from storage.queries.libraries import Direction, Sort
from storage.tables import FileRole, LibrarySource

Member = TypeVar("Member", bound=Enum)


def _describe(members: type[Member], name: str, description: str, values: Mapping[Member, str]) -> type[Member]:
    described = strawberry.enum(members, name=name, description=description)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[members(value.value)]
    return described


GenerationStatus = _describe(
    Status,
    "GenerationStatus",
    "Where a generation stands.",
    {
        Status.QUEUED: "Accepted; waits for a worker.",
        Status.RUNNING: "A worker renders it.",
        Status.SUCCEEDED: "Its track exists.",
        Status.FAILED: "Given up; nothing is charged.",
        Status.CANCELLED: "Taken back by the caller; nothing is charged.",
        Status.REFUSED: "Policy said no; nothing is charged.",
    },
)

GenerationMode = _describe(
    Mode,
    "GenerationMode",
    "What a generation makes.",
    {
        Mode.CREATION: "One complete track.",
        Mode.FOCUS: "Chained segments, meant to be joined.",
    },
)

LicenceClassType = _describe(
    LicenceClass,
    "LicenceClass",
    "How far a track may be used.",
    {
        LicenceClass.COMMERCIAL_CLEARED: "Free for commercial use.",
        LicenceClass.COMMERCIAL_ENTERPRISE: "Commercial use under an enterprise agreement.",
        LicenceClass.PERSONAL_ONLY: "Personal use only.",
        LicenceClass.UNCLEAR: "Nobody has cleared it: treat as personal use.",
    },
)

DownloadFormat = _describe(
    Format,
    "DownloadFormat",
    "In which format a track is fetched.",
    {
        Format.MP3: "The master, 192 kbit/s.",
        Format.FLAC: "The master, lossless, 24 bit.",
        Format.WAV: "The same, uncompressed.",
        Format.STEMS: "All parts as FLAC, in a ZIP.",
        Format.STEM: "One part as FLAC.",
        Format.MIDI: "The score, a Standard MIDI File.",
        Format.WAVEFORM: "Peaks as JSON of audiowaveform, version 2, which wavesurfer.js and peaks.js read.",
        Format.COVER: "The picture as PNG.",
    },
)

DigitalSourceType = _describe(
    track_metadata.SourceType,
    "DigitalSourceType",
    "How digital sound comes to be, in the words of IPTC.",
    {
        track_metadata.SourceType.ALGORITHMIC_MEDIA: "By rule; nothing was learned from recordings.",
        track_metadata.SourceType.TRAINED_ALGORITHMIC_MEDIA: "By a model that was trained on recordings.",
    },
)

LibrarySourceType = _describe(
    LibrarySource,
    "LibrarySource",
    "How a track came into a library.",
    {LibrarySource.OWN: "Made by you.", LibrarySource.SHARED: "Saved from a share link."},
)

VisibilityType = _describe(
    Visibility,
    "ShareVisibility",
    "Who may find a share link.",
    {Visibility.LINK_ONLY: "Who was given it.", Visibility.PUBLIC: "Anybody."},
)

TargetType = _describe(
    Target,
    "ShareTarget",
    "What a share link leads to.",
    {Target.TRACK: "A track.", Target.COLLECTION: "A collection."},
)

WindowType = _describe(
    Window,
    "UsageWindow",
    "How long spending is counted together; windows are aligned in UTC.",
    {Window.DAY: "From midnight.", Window.WEEK: "From Monday.", Window.MONTH: "From the first."},
)

FocusGoalType = _describe(
    Goal,
    "FocusGoal",
    "What the listener wants the music for.",
    {
        Goal.FOCUS: "Steady and unobtrusive, for work that wants concentration.",
        Goal.RELAX: "Warm and unhurried.",
        Goal.SLEEP: "Slow and soft, without drums.",
        Goal.ENERGIZE: "Driving, for movement.",
        Goal.CUSTOM_PROMPT: "What the listener's own words say.",
    },
)

FocusIntensityType = _describe(
    Intensity,
    "FocusIntensity",
    "How much happens in the music.",
    {Intensity.LOW: "Little.", Intensity.MEDIUM: "Neither little nor much.", Intensity.HIGH: "Much."},
)

FocusSessionStatusType = _describe(
    SessionStatus,
    "FocusSessionStatus",
    "Where a focus session stands.",
    {
        SessionStatus.ACTIVE: "Segments are made as the listener needs them.",
        SessionStatus.ENDED: "Nothing new is made; what is ready stays.",
        SessionStatus.STOPPED_CAP: "The organization's spend cap was reached; what is ready stays.",
    },
)

FocusEndReasonType = _describe(
    EndReason,
    "FocusEndReason",
    "Why a focus session makes nothing new.",
    {
        EndReason.LISTENER: "The listener ended it.",
        EndReason.COMPLETE: "All its segments are made.",
        EndReason.CAP: "The organization's spend cap was reached.",
        EndReason.BROKEN: "A segment could not be made.",
    },
)

LibrarySortType = _describe(
    Sort,
    "LibrarySort",
    "What a library is sorted by.",
    {
        Sort.SAVED_AT: "When it was saved; the newest first unless asked otherwise.",
        Sort.CREATED_AT: "When the track was made; the newest first unless asked otherwise.",
        Sort.TITLE: "The title without regard to case; from A unless asked otherwise.",
        Sort.DURATION: "The length; the shortest first unless asked otherwise.",
    },
)

SortDirectionType = _describe(
    Direction,
    "SortDirection",
    "Which end of a list comes first.",
    {Direction.ASC: "The least, the earliest.", Direction.DESC: "The greatest, the latest."},
)

ActivityKindType = _describe(
    ActivityKind,
    "ActivityKind",
    "What an event of a feed is about.",
    {
        ActivityKind.STATE: "How things stand: the beginning of a feed, or a new beginning after events were lost.",
        ActivityKind.GENERATION: "A generation is new, or went on.",
        ActivityKind.FOCUS_SESSION: "A focus session is new, or went on.",
        ActivityKind.TRACK: "A track has another title, or a file that you asked for is there.",
        ActivityKind.TRACK_REMOVED: "A track left your library, or is deleted.",
        ActivityKind.LIBRARY_ENTRY: "A track was saved, tagged, or made a favourite or one no more.",
        ActivityKind.SHARE_LINK: "A link was made or revoked.",
    },
)

WebhookEventType = _describe(
    WebhookEvent,
    "WebhookEvent",
    "What a webhook can be told of.",
    {
        WebhookEvent.GENERATION_SUCCEEDED: "A generation's track exists.",
        WebhookEvent.GENERATION_FAILED: "A generation was given up.",
        WebhookEvent.GENERATION_CANCELLED: "A generation was taken back.",
        WebhookEvent.GENERATION_REFUSED: "A generation was refused by policy.",
        WebhookEvent.FOCUS_SEGMENT_READY: "Another segment of a focus session can be played.",
    },
)

WebhookDeliveryStatus = _describe(
    DeliveryStatus,
    "WebhookDeliveryStatus",
    "Where a delivery stands.",
    {
        DeliveryStatus.PENDING: "To be tried, perhaps again.",
        DeliveryStatus.DELIVERED: "Answered with success.",
        DeliveryStatus.FAILED: "Given up; may be asked for again.",
    },
)

VerdictType = _describe(
    Verdict,
    "Verdict",
    "What a verification of a file comes to.",
    {
        Verdict.MATCHED: "Byte for byte a file of a track that was made here.",
        Verdict.ALTERED: "It names a track that was made here, but its bytes are none of ours.",
        Verdict.UNKNOWN: "Nothing is known about it here.",
    },
)

ExportStatusType = _describe(
    ExportStatus,
    "ExportStatus",
    "Where an export stands.",
    {
        ExportStatus.QUEUED: "Asked for; waits for a worker.",
        ExportStatus.RUNNING: "A worker writes the archive.",
        ExportStatus.SUCCEEDED: "The archive can be fetched until it expires.",
        ExportStatus.FAILED: "Given up; ask again.",
    },
)

FileRoleType = _describe(
    FileRole,
    "FileRole",
    "What a file is to its track.",
    {
        FileRole.MASTER: "The mix.",
        FileRole.LOSSLESS: "The mix as the engine gave it.",
        FileRole.STEM: "One part of the mix.",
        FileRole.SCORE: "The written music.",
        FileRole.WAVEFORM: "The waveform's peaks.",
        FileRole.COVER: "The picture.",
        FileRole.STREAM: "A piece of a focus session's stream.",
        FileRole.DOWNLOAD: "Another format, made when somebody asked for it.",
    },
)
