"""What anybody may ask of a file, with every rule on its field."""

from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from resolvers.access import validation


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class VerifyTrack:
    """A file by the hash of its bytes, and the track that its tags name, if they name one."""

    sha256: Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-fA-F]{64}$")]
    track_id: Annotated[str, validation.Text(1, 255)] | None = None
