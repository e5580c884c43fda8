"""Public verification of files."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.track_metadata import SourceType
from core.verification import Verdict
from resolvers.receipts import receipts
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.licences import Licence, TrackOrigin
from storage import tables
from storage.queries.receipts import KnownFile
from storage.tables import FileRole

Sha256Argument = Annotated[
    str, strawberry.argument(description="The SHA-256 digest of the file's bytes, 64 hexadecimal digits.")
]
TrackIdArgument = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The track ID in the file's metadata tag `MUSIC_STUDIO_TRACK`, if it has one."),
]


@row_backed(
    made_at="row.created_at",
    is_available=lambda track: track.row.deleted_at is None,
    digital_source_type=lambda track: receipts.source_type(track.row),
    licence=lambda track: Licence.from_track(track.row),
    origin=lambda track: TrackOrigin.from_track(track.row),
)
@strawberry.type(description="The public data of a verified track.")
class VerifiedTrack(RowBacked[tables.Track]):
    id: strawberry.ID = strawberry.field(description="The ID of the track.")
    engine: str = strawberry.field(description="The key of the engine that generated it.")
    engine_version: str = strawberry.field(description="The version of the engine.")
    made_at: datetime = strawberry.field(description="The time when it was created.")
    is_available: bool = strawberry.field(description="Whether its creator has not deleted it.")
    digital_source_type: SourceType = strawberry.field(description="How its audio was created.")
    licence: Licence = strawberry.field(description="The licence, fixed when the track was created.")
    origin: TrackOrigin | None = strawberry.field(
        description="The origin of an imported track, or null if it was created here."
    )


@row_backed()
@strawberry.type(description="A file of a verified track.")
class VerifiedFile(RowBacked[KnownFile]):
    role: FileRole = strawberry.field(description="The role of the file.")
    name: str = strawberry.field(description="The name that distinguishes stems and cover images, otherwise empty.")
    media_type: str = strawberry.field(description="The media type, such as audio/mpeg.")


@row_backed(
    track=lambda verification: VerifiedTrack.from_optional(verification.row.track),
    file=lambda verification: VerifiedFile.from_optional(verification.row.file),
)
@strawberry.type(description="The result of a verification.")
class Verification(RowBacked[receipts.Verification]):
    verdict: Verdict = strawberry.field(description="The verdict.")
    message: str = strawberry.field(description="A human-readable form of the verdict.")
    sha256: str = strawberry.field(description="The SHA-256 digest from the request.")
    track: VerifiedTrack | None = strawberry.field(description="The track of the file, or the one its metadata names.")
    file: VerifiedFile | None = strawberry.field(
        description="The matching file if the verdict is `MATCHED` or `IMPORTED`."
    )
