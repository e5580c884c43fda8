"""Licences of tracks and engines."""

from typing import Self

import strawberry

from core import licence
from core.licence import LicenceClass
from storage import tables


@strawberry.type(description="A licence. The licence of a track is fixed when the track is created.")
class Licence:
    licence_class: LicenceClass = strawberry.field(name="class", description="The permitted use.")
    version: str = strawberry.field(description="The date of the licence text, such as 2026-11.")
    commercial_use: bool = strawberry.field(description="Whether commercial use is permitted.")
    requires_attribution: bool = strawberry.field(description="Whether uses must credit the studio.")

    @classmethod
    def from_track(cls, row: tables.Track) -> Self:
        return cls(
            licence_class=row.licence_class,
            version=row.licence_version,
            commercial_use=row.commercial_use,
            requires_attribution=row.requires_attribution,
        )

    @classmethod
    def from_licence(cls, value: licence.Licence) -> Self:
        return cls(
            licence_class=value.licence_class,
            version=value.version,
            commercial_use=value.commercial_use,
            requires_attribution=value.requires_attribution,
        )
