"""Licences of tracks and engines."""

from typing import Self

import strawberry

from core import licence
from core.licence import LicenceClass
from schema.runtime.row_types import RowBacked, row_backed
from storage import tables


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
