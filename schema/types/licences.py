"""Licences of tracks and engines."""

from datetime import datetime
from typing import Self

import strawberry

from core import licence, track_metadata
from core.licence import LicenceClass
from schema.runtime.row_types import RowBacked, row_backed
from storage import tables


@row_backed(imported_at=lambda origin: datetime.fromisoformat(origin.row.imported_at))
@strawberry.type(description="The origin of a track that was imported, so that another installation created it.")
class TrackOrigin(RowBacked[track_metadata.TrackOrigin]):
    issuer: str | None = strawberry.field(
        description="The URL of the installation: as its receipt states if verified, otherwise as the archive claims; "
        "null if unknown."
    )
    imported_at: datetime = strawberry.field(description="The time when the track was imported.")
    is_verified: bool = strawberry.field(
        description="Whether a receipt with a trusted signature confirms the licence and the files of the track. The "
        "licence of other imported tracks is `UNCLEAR`."
    )
    message: str = strawberry.field(description="A human-readable form of the origin.")

    @classmethod
    def from_track(cls, row: tables.Track) -> Self | None:
        """Return the origin of an imported track, and None for a track that was created here."""
        return cls.from_optional(track_metadata.TrackOrigin.from_json(row.origin))


@row_backed()
@strawberry.type(description="A licence. The licence of a track is fixed when the track is created.")
class Licence(RowBacked[licence.Licence]):
    licence_class: LicenceClass = strawberry.field(name="class", description="The permitted use.")
    version: str = strawberry.field(description="The date of the licence text, such as 2026-11.")
    commercial_use: bool = strawberry.field(description="Whether commercial use is permitted.")
    requires_attribution: bool = strawberry.field(description="Whether uses must credit the studio.")

    @classmethod
    def from_track(cls, row: tables.Track) -> Self:
        return cls.from_row(licence.Licence(row.licence_class, row.licence_version, row.requires_attribution))
