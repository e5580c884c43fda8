"""Input of the verification of files."""

from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from resolvers.access import validation


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class VerifyTrack:
    """The SHA-256 of a file in hexadecimal, and the track that the file's tags name, if any."""

    sha256: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-fA-F]{64}$")]
    """SHA-256 of the file."""
    track_id: Annotated[str, validation.Text(1, 255)] | None = None
    """Track id in the tag `MUSIC_STUDIO_TRACK` of the file, if it has one."""
