"""What a track or an engine's output may be used for."""

from typing import Self

import strawberry

from core.licence import Licence as LicenceFacts
from core.licence import LicenceClass
from storage import tables


@strawberry.type(description="What music may be used for, as it was when it was made.")
class Licence:
    """From the facts frozen on a track, or those of an engine."""

    licence_class: LicenceClass = strawberry.field(name="class", description="How far it may be used.")
    version: str = strawberry.field(description="Date of the licence's wording, as 2026-11.")
    commercial_use: bool = strawberry.field(description="Whether it may be used commercially.")
    requires_attribution: bool = strawberry.field(description="Whether its use must name the studio.")

    @classmethod
    def from_track(cls, row: tables.Track) -> Self:
        """The facts that were written on the track."""
        return cls(
            licence_class=row.licence_class,
            version=row.licence_version,
            commercial_use=row.commercial_use,
            requires_attribution=row.requires_attribution,
        )

    @classmethod
    def from_licence(cls, facts: LicenceFacts) -> Self:
        """The facts of an engine."""
        return cls(
            licence_class=facts.licence_class,
            version=facts.version,
            commercial_use=facts.commercial_use,
            requires_attribution=facts.requires_attribution,
        )
