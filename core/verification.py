"""What a verification of a file comes to."""

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a file is one of ours."""

    MATCHED = "matched"  # byte for byte a file of a track that was made here
    ALTERED = "altered"  # it names a track of ours, but its bytes are none of ours
    UNKNOWN = "unknown"  # nothing about it is known here
