"""Event kinds and names of activity feeds. Each user has one feed in each organization."""

from enum import StrEnum


class ActivityKind(StrEnum):
    STATE = "state"  # snapshot of the current state; the first event of a feed
    GENERATION = "generation"  # a generation was created or changed
    FOCUS_SESSION = "focus_session"  # a focus session was created or changed
    TRACK = "track"  # a track was renamed, or a requested file became available
    TRACK_REMOVED = "track_removed"  # a track was removed from the library or deleted
    LIBRARY_ENTRY = "library_entry"  # a track was saved, tagged or marked as a favourite
    SHARE_LINK = "share_link"  # a link was created or revoked


def feed_name(organization_id: str, user_id: str) -> str:
    """Return the name of a user's feed in an organization."""
    return f"activity:{organization_id}:{user_id}"
