"""The tables. Statuses are text with a CHECK; what must never be is forbidden here, by the database."""

from storage.tables.columns import metadata
from storage.tables.generations import Generation
from storage.tables.libraries import Collection, CollectionTrack, LibraryEntry, Source
from storage.tables.people import ApiKey, Membership, Organization, Role, SpendLimit, User
from storage.tables.sharing import Outcome, ShareAccess, ShareLink
from storage.tables.tracks import FileRole, Track, TrackFile

__all__ = [
    "ApiKey",
    "Collection",
    "CollectionTrack",
    "FileRole",
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
    "Track",
    "TrackFile",
    "User",
    "metadata",
]
