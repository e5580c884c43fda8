"""Results of verifying whether a file was created by this server."""

from enum import StrEnum


class Verdict(StrEnum):
    """Result of a verification."""

    MATCHED = "matched"  # byte for byte a file of one of our tracks
    ALTERED = "altered"  # tagged with one of our tracks, but its bytes differ
    IMPORTED = "imported"  # byte for byte a file of a track that another installation made
    UNKNOWN = "unknown"  # neither its bytes nor its tag are ours
