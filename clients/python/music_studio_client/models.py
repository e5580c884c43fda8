"""The objects of the studio, as the methods of the client return them."""

from music_studio_client.graphql.create_generation import (
    CreateGenerationResultCreateGenerationPayloadGeneration as CreatedGeneration,
)
from music_studio_client.graphql.enums import (
    DownloadFormat,
    ExportStatus,
    FocusGoal,
    FocusIntensity,
    GenerationStatus,
    LibrarySort,
    LibrarySource,
    LicenceClass,
    OrganizationRole,
    RequestField,
    RightsBasis,
    ShareVisibility,
    SortDirection,
    SourcePart,
    SourceTask,
    Support,
    UsageWindow,
    WebhookEvent,
)
from music_studio_client.graphql.explain_prompt import ExplainPromptExplainPrompt as PromptReading
from music_studio_client.graphql.fragments import CollectionFields as Collection
from music_studio_client.graphql.fragments import DownloadFields as Download
from music_studio_client.graphql.fragments import EngineFields as Engine
from music_studio_client.graphql.fragments import EngineFieldsCapabilities as EngineCapability
from music_studio_client.graphql.fragments import EngineStyleFields as EngineStyle
from music_studio_client.graphql.fragments import ExportFields as Export
from music_studio_client.graphql.fragments import FocusSegmentFields as FocusSegment
from music_studio_client.graphql.fragments import FocusSessionDetails, LibraryEntryFields
from music_studio_client.graphql.fragments import FocusSessionFields as FocusSession
from music_studio_client.graphql.fragments import GenerationDetails as GenerationState
from music_studio_client.graphql.fragments import GenerationFields as Generation
from music_studio_client.graphql.fragments import LicenceFields as Licence
from music_studio_client.graphql.fragments import ReferenceAudioFields as ReferenceAudio
from music_studio_client.graphql.fragments import ShareLinkFields as ShareLink
from music_studio_client.graphql.fragments import TrackDetails as Track
from music_studio_client.graphql.fragments import TrackFields as TrackSummary
from music_studio_client.graphql.fragments import UsageFields as Usage
from music_studio_client.graphql.fragments import WebhookFields as Webhook
from music_studio_client.graphql.get_quote import GetQuoteOrganizationQuote as Quote
from music_studio_client.graphql.get_usage import GetUsageOrganization as UsageReport
from music_studio_client.graphql.get_viewer import GetViewerViewer as Viewer
from music_studio_client.graphql.input_types import SourceInput
from music_studio_client.graphql.watch_focus_session import (
    WatchFocusSessionFocusSessionUpdated as FocusUpdate,
)

LibraryEntry = LibraryEntryFields
FocusSessionState = FocusSessionDetails

__all__ = [
    "Collection",
    "CreatedGeneration",
    "Download",
    "DownloadFormat",
    "Engine",
    "EngineCapability",
    "EngineStyle",
    "Export",
    "ExportStatus",
    "FocusGoal",
    "FocusIntensity",
    "FocusSegment",
    "FocusSession",
    "FocusSessionState",
    "FocusUpdate",
    "Generation",
    "GenerationState",
    "GenerationStatus",
    "LibraryEntry",
    "LibrarySort",
    "LibrarySource",
    "Licence",
    "LicenceClass",
    "OrganizationRole",
    "PromptReading",
    "Quote",
    "ReferenceAudio",
    "RequestField",
    "RightsBasis",
    "ShareLink",
    "ShareVisibility",
    "SortDirection",
    "SourceInput",
    "SourcePart",
    "SourceTask",
    "Support",
    "Track",
    "TrackSummary",
    "Usage",
    "UsageReport",
    "UsageWindow",
    "Viewer",
    "Webhook",
    "WebhookEvent",
]
