"""What a feed of activity tells: one feed a user and organization, and the kinds of things that happen in it."""

from enum import StrEnum


class Kind(StrEnum):
    """What an event is about."""

    STATE = "state"  # how things stand: the beginning of a feed
    GENERATION = "generation"  # a generation is new, or went on
    FOCUS_SESSION = "focus_session"  # a focus session is new, or went on
    TRACK = "track"  # a track has another title, or a file that somebody asked for
    TRACK_REMOVED = "track_removed"  # a track left the library, or is deleted
    LIBRARY_ENTRY = "library_entry"  # a track was saved, tagged or made a favourite
    SHARE_LINK = "share_link"  # a link was made or revoked


def feed(organization_id: str, user_id: str) -> str:
    """The name of a user's feed in an organization."""
    return f"activity:{organization_id}:{user_id}"
