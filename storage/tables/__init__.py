"""The tables. Statuses are text with a CHECK; what must never be is forbidden here, by the database."""

from storage.tables.accounts import ApiKey, Membership, Organization, Role, SpendLimit, User
from storage.tables.columns import metadata
from storage.tables.conversions import Conversion, ConversionStatus
from storage.tables.dispatch_turns import Turn
from storage.tables.exports import Export
from storage.tables.focus import FocusSession
from storage.tables.generations import Generation
from storage.tables.libraries import MAX_TAGS, Collection, CollectionTrack, LibraryEntry, Source
from storage.tables.sharing import Outcome, ShareAccess, ShareLink
from storage.tables.tracks import FileRole, ForgottenFile, StorageUse, Track, TrackFile
from storage.tables.webhooks import Webhook, WebhookDelivery

__all__ = [
    "MAX_TAGS",
    "ApiKey",
    "Collection",
    "CollectionTrack",
    "Conversion",
    "ConversionStatus",
    "Export",
    "FileRole",
    "FocusSession",
    "ForgottenFile",
    "Generation",
    "LibraryEntry",
    "Membership",
    "Organization",
    "Outcome",
    "Role",
    "ShareAccess",
    "ShareLink",
    "Source",
    "SpendLimit",
    "StorageUse",
    "Track",
    "TrackFile",
    "Turn",
    "User",
    "Webhook",
    "WebhookDelivery",
    "metadata",
]
