"""GraphQL enums for the enums of ``core`` and ``storage``, with a description of each value."""

from enum import Enum

import strawberry

from core import track_metadata
from core.activity import ActivityKind
from core.errors import ErrorCode
from core.exports import ExportStatus
from core.focus import EndReason, Goal, Intensity, SessionStatus
from core.formats import Format
from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.rights import RightsBasis
from core.scopes import Scope
from core.sharing import Target, Visibility
from core.spend_windows import Window
from core.verification import Verdict
from core.webhooks import DeliveryStatus, WebhookEvent
from engines.capabilities import RequestField, Support
from engines.prompt_port import StyleOrigin
from engines.remarks import RemarkCode
from engines.source_port import SourcePart, SourceTask
from resolvers.generations.engine_states import EngineStatus
from schema.execution import strawberry_internals
from storage.queries.libraries import Direction, Sort
from storage.tables import FileRole, LibrarySource, Role


def _describe(enum: type[Enum], **descriptions: str) -> None:
    """Describe the values of a GraphQL enum, by name. Types can refer to a registered enum in annotations."""
    values = {value.name: value for value in strawberry_internals.enum_definition(enum).values}
    for name, description in descriptions.items():
        values[name].description = description


_describe(
    strawberry.enum(Status, name="GenerationStatus", description="The status of a generation."),
    QUEUED="Accepted and waiting for a worker.",
    RUNNING="A worker is rendering it.",
    SUCCEEDED="The track is available.",
    FAILED="It failed permanently. Nothing is charged.",
    CANCELLED="It was cancelled. Nothing is charged.",
    REFUSED="The content policy refused it. Nothing is charged.",
)

_describe(
    strawberry.enum(Mode, name="GenerationMode", description="What a generation produces."),
    CREATION="One complete track.",
    FOCUS="Segments that are joined in playback.",
)

_describe(
    strawberry.enum(EngineStatus, description="Whether a remote engine can be used."),
    AVAILABLE="It answered the last health check.",
    UNAVAILABLE="It did not answer the last health check, or cannot be used. Jobs wait until it can.",
    UNKNOWN="It was not checked lately, or cannot be checked without costs.",
)

_describe(
    strawberry.enum(StyleOrigin, description="Why a request has its style."),
    NAMED="The request names it.",
    APPROXIMATED="The request names a similar one.",
    CHOSEN="The request names none: it fits its moods, tempo and instruments.",
)

_describe(
    strawberry.enum(RequestField, description="A field of a request that is for the engine."),
    PROMPT="`prompt`.",
    DURATION_SECONDS="`durationSeconds`.",
    INSTRUMENTAL="`instrumental`: music without vocals.",
    LYRICS="`lyrics`.",
    LYRICS_LANGUAGE="`lyricsLanguage`.",
    SEED_TRACK="`seedTrackId`: a track to continue.",
    STYLE_TAGS="`styleTags`.",
    TITLE="`title`.",
    SEED="`seed`.",
    LOOP="`loop`: an end that leads into the start.",
    TEMPO_BPM="`tempoBpm`.",
    KEY="`key`.",
    METRE="`metre`.",
    NEGATIVE_PROMPT="`negativePrompt`.",
    INCLUDE_INSTRUMENTS="`instruments.include`.",
    EXCLUDE_INSTRUMENTS="`instruments.exclude`.",
    ONLY_INSTRUMENTS="`instruments.only`.",
    STRUCTURE="`structure`.",
    INTENSITY="`intensity`.",
    DENSITY="`density`.",
    BRIGHTNESS="`brightness`.",
    SOURCE="`source`: audio that the music is made from. The values of its capability are tasks.",
)

_describe(
    strawberry.enum(SourceTask, description="What an engine does with source audio."),
    COVER="Play its composition in another style.",
    REPAINT="Replace a range of it and keep the rest.",
    LEGO="Add an instrument that fits it.",
    EXTRACT="Isolate an instrument of it.",
    COMPLETE="Add the missing instruments to a single one.",
)

_describe(
    strawberry.enum(SourcePart, description="An instrument or voice that is added to source audio, or isolated."),
    VOCALS="Lead vocals.",
    BACKING_VOCALS="Backing vocals.",
    DRUMS="Drums.",
    BASS="Bass.",
    GUITAR="Guitars.",
    KEYBOARD="Keyboards.",
    PERCUSSION="Percussion.",
    STRINGS="Strings.",
    SYNTH="Synthesizers.",
    FX="Effects.",
    BRASS="Brass.",
    WOODWINDS="Woodwinds.",
)

_describe(
    strawberry.enum(RightsBasis, description="Why a user may use a recording."),
    OWN_WORK="The user holds the rights to the music and to the recording.",
    LICENSED="A licence or a permission of the holder of the rights.",
    PUBLIC_DOMAIN="Neither the music nor the recording is protected.",
)

_describe(
    strawberry.enum(Support, description="What an engine does with a field of a request."),
    HONOURED="The music has the requested property, for every value within the range.",
    APPROXIMATED="The engine uses the value, and the music may differ from it.",
    IGNORED="The value has no effect on the music.",
    UNSUPPORTED="A request with the field is refused.",
)

_describe(
    strawberry.enum(LicenceClass, description="The permitted use of a track."),
    COMMERCIAL_CLEARED="Cleared for commercial use.",
    COMMERCIAL_ENTERPRISE="Commercial use under an enterprise agreement.",
    PERSONAL_ONLY="Personal use only.",
    UNCLEAR="Not cleared. Treat it as personal use only.",
)

_describe(
    strawberry.enum(Format, name="DownloadFormat", description="The format of a download."),
    MP3="The master as MP3, 192 kbit/s.",
    FLAC="The master as FLAC, 24 bit.",
    WAV="The master as WAV, 24 bit.",
    STEMS="All stems as FLAC, in a ZIP archive.",
    STEM="One stem as FLAC.",
    MIDI="The score as performed, a Standard MIDI File.",
    MUSICXML="The score as written, compressed MusicXML 4.0 (.mxl) for score editors such as MuseScore.",
    WAVEFORM="Waveform peaks in the JSON format of audiowaveform, version 2, as read by wavesurfer.js and peaks.js.",
    COVER="The cover image as PNG.",
)

_describe(
    strawberry.enum(
        track_metadata.SourceType,
        name="DigitalSourceType",
        description="How audio is created, by terms of the IPTC digital source type vocabulary.",
    ),
    ALGORITHMIC_MEDIA="By an algorithm that was not trained on recordings.",
    TRAINED_ALGORITHMIC_MEDIA="By a model that was trained on recordings.",
)

_describe(
    strawberry.enum(LibrarySource, description="How a track was added to a library."),
    OWN="The user created the track.",
    SHARED="The user saved the track from a share link.",
)

_describe(
    strawberry.enum(Visibility, name="ShareVisibility", description="Who can find a share link."),
    LINK_ONLY="Recipients of the link. Its page is marked so that search engines do not list it.",
    PUBLIC="Everyone who finds it: search engines may list its page. This server does not list it anywhere.",
)

_describe(
    strawberry.enum(Target, name="ShareTarget", description="What a share link shares."),
    TRACK="A track.",
    COLLECTION="A collection.",
)

_describe(
    strawberry.enum(Window, name="UsageWindow", description="A calendar window of spending, aligned in UTC."),
    DAY="A day, from midnight.",
    WEEK="A week, from Monday.",
    MONTH="A month, from the first day.",
)

_describe(
    strawberry.enum(Goal, name="FocusGoal", description="The purpose of a focus session."),
    FOCUS="Steady and unobtrusive music for concentrated work.",
    RELAX="Warm and unhurried music.",
    SLEEP="Slow and soft music without drums.",
    ENERGIZE="Driving music for movement.",
    CUSTOM_PROMPT="Music described by the prompt.",
)

_describe(
    strawberry.enum(
        Intensity, name="FocusIntensity", description="The intensity of the music: tempo, styles and number of parts."
    ),
    LOW="Low.",
    MEDIUM="Medium.",
    HIGH="High.",
)

_describe(
    strawberry.enum(SessionStatus, name="FocusSessionStatus", description="The status of a focus session."),
    ACTIVE="Segments are rendered as the listener needs them.",
    ENDED="No further segments are rendered. Ready segments stay available.",
    STOPPED_CAP="The organization's spend cap was reached. Ready segments stay available.",
)

_describe(
    strawberry.enum(EndReason, name="FocusEndReason", description="Why a focus session renders no further segments."),
    LISTENER="The listener ended it.",
    COMPLETE="All segments are ready.",
    CAP="The organization's spend cap was reached.",
    BROKEN="A segment could not be rendered.",
)

_describe(
    strawberry.enum(Sort, name="LibrarySort", description="The sort key of a library."),
    SAVED_AT="The time when the track was saved. Default direction: `DESC`.",
    CREATED_AT="The time when the track was created. Default direction: `DESC`.",
    TITLE="The title, case-insensitive. Default direction: `ASC`.",
    DURATION="The duration. Default direction: `ASC`.",
)

_describe(
    strawberry.enum(Direction, name="SortDirection", description="The direction of a sort."),
    ASC="Ascending.",
    DESC="Descending.",
)

_describe(
    strawberry.enum(ActivityKind, description="The kind of an event in an activity feed."),
    STATE="A snapshot of the current state: the start of a feed, or a restart after lost events.",
    GENERATION="A generation was created or changed.",
    FOCUS_SESSION="A focus session was created or changed.",
    TRACK="A track was renamed, or a requested file became ready.",
    TRACK_REMOVED="A track was removed from your library or deleted.",
    LIBRARY_ENTRY="A track was saved or tagged, or its favourite flag changed.",
    SHARE_LINK="A share link was created or revoked.",
)

_describe(
    strawberry.enum(WebhookEvent, description="An event that webhooks can receive."),
    GENERATION_SUCCEEDED="A generation succeeded; its track is available.",
    GENERATION_FAILED="A generation failed permanently.",
    GENERATION_CANCELLED="A generation was cancelled.",
    GENERATION_REFUSED="The content policy refused a generation.",
    FOCUS_SEGMENT_READY="A further segment of a focus session is ready.",
)

_describe(
    strawberry.enum(DeliveryStatus, name="WebhookDeliveryStatus", description="The status of a webhook delivery."),
    PENDING="Waiting for its first or next attempt.",
    DELIVERED="The receiver responded with a 2xx status.",
    FAILED="All attempts failed. It can be redelivered on request.",
)

_describe(
    strawberry.enum(Verdict, description="The result of a verification."),
    MATCHED="The file is identical to a file of a track created here.",
    ALTERED="The file's metadata names a track of this server, but its bytes differ from all its files.",
    IMPORTED="The file is identical to a file of a track that was imported: another installation created it.",
    UNKNOWN="Neither the file nor the named track is known here.",
)

_describe(
    strawberry.enum(ExportStatus, description="The status of an export."),
    QUEUED="Requested and waiting for a worker.",
    RUNNING="A worker is writing the archive.",
    SUCCEEDED="The archive is available until it expires.",
    FAILED="It failed permanently. Request a new export.",
)

_describe(
    strawberry.enum(FileRole, description="The role of a file of a track."),
    MASTER="The finished mix.",
    LOSSLESS="The lossless mix, as rendered by the engine.",
    ORIGINAL="The file of a remote engine as it came, with its marks.",
    STEM="A stem.",
    SCORE="The score as MIDI or MusicXML.",
    WAVEFORM="Waveform peaks.",
    COVER="A cover image.",
    STREAM="A chunk of a focus session's HLS stream.",
    DOWNLOAD="A further format, rendered on request.",
)

_describe(
    strawberry.enum(Role, name="OrganizationRole", description="The permissions of a member in an organization."),
    VIEWER="Reads own objects. Every mutation is refused.",
    MEMBER="Creates and manages own objects.",
    ADMIN="Also manages the organization: members, their share links, spend caps and webhooks.",
)

_describe(
    strawberry.enum(Scope, name="ApiKeyScope", description="A permission of an API key beyond those of its user."),
    INTROSPECTION="May read the GraphQL schema where introspection is restricted.",
)

_describe(
    strawberry.enum(
        ErrorCode, description="The code of an error. The codes of credentials occur in top-level errors only."
    ),
    VALIDATION_ERROR="The input is invalid.",
    RESOURCE_NOT_FOUND="The object does not exist or belongs to another user.",
    CONFLICT="The request conflicts with the current state.",
    OPERATION_NOT_ALLOWED="The caller is not permitted to do this.",
    ORGANIZATION_ACCESS_DENIED="The caller is not a member of the organization.",
    SPEND_CAP_EXCEEDED="The organization's spend cap would be exceeded.",
    RATE_LIMIT_EXCEEDED="Too many requests.",
    SERVICE_UNAVAILABLE="A required service is unavailable.",
    AUTHENTICATION_REQUIRED="The request has no credentials.",
    INVALID_API_KEY="The API key is malformed or unknown.",
    API_KEY_EXPIRED="The API key has expired.",
    API_KEY_DEACTIVATED="The API key was revoked.",
    TOKEN_EXPIRED="The access token has expired.",  # noqa: S106  a description, no secret
    TOKEN_INVALID="The access token could not be verified.",  # noqa: S106  a description, no secret
)
_describe(
    strawberry.enum(RemarkCode, description="What a remark is about, with its sentence in English."),
    **{code.name: code.value for code in RemarkCode},
)
