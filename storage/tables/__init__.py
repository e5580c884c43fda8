"""Tables of Postgres. Enums are text with a CHECK constraint; other constraints reject every state that is invalid."""

from storage.tables.accounts import (
    ApiKey,
    CredentialKind,
    DailySpend,
    Membership,
    Organization,
    Role,
    SpendLimit,
    User,
)
from storage.tables.columns import metadata
from storage.tables.conversions import Conversion, ConversionStatus
from storage.tables.engine_checks import CheckResult, EngineCheck
from storage.tables.exports import Export
from storage.tables.focus import FocusSession
from storage.tables.generations import DispatchTurn, Generation
from storage.tables.libraries import (
    MAX_TAGS,
    Collection,
    CollectionTrack,
    LibraryEntry,
    LibrarySortKeys,
    LibrarySource,
)
from storage.tables.reference_audios import ReferenceAudio
from storage.tables.remote_jobs import RemoteJob, RemotePhase
from storage.tables.sharing import AccessOutcome, ShareAccess, ShareLink
from storage.tables.tracks import FileRole, ImportedReceipt, RemovedFile, StorageUsage, Track, TrackFile
from storage.tables.webhooks import Webhook, WebhookDelivery

__all__ = [
    "MAX_TAGS",
    "AccessOutcome",
    "ApiKey",
    "CheckResult",
    "Collection",
    "CollectionTrack",
    "Conversion",
    "ConversionStatus",
    "CredentialKind",
    "DailySpend",
    "DispatchTurn",
    "EngineCheck",
    "Export",
    "FileRole",
    "FocusSession",
    "Generation",
    "ImportedReceipt",
    "LibraryEntry",
    "LibrarySortKeys",
    "LibrarySource",
    "Membership",
    "Organization",
    "ReferenceAudio",
    "RemoteJob",
    "RemotePhase",
    "RemovedFile",
    "Role",
    "ShareAccess",
    "ShareLink",
    "SpendLimit",
    "StorageUsage",
    "Track",
    "TrackFile",
    "User",
    "Webhook",
    "WebhookDelivery",
    "metadata",
]
