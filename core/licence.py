"""Licences of tracks. The licence class alone determines the permitted use; no other code derives or upgrades it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class LicenceClass(StrEnum):
    """The permitted use of an engine's output."""

    COMMERCIAL_CLEARED = "commercial_cleared"
    COMMERCIAL_ENTERPRISE = "commercial_enterprise"
    PERSONAL_ONLY = "personal_only"
    UNCLEAR = "unclear"


BY_FREEDOM: Final = (
    LicenceClass.COMMERCIAL_CLEARED,
    LicenceClass.COMMERCIAL_ENTERPRISE,
    LicenceClass.PERSONAL_ONLY,
    LicenceClass.UNCLEAR,
)
"""The classes from the freest to the most restrictive."""

COMMERCIAL: Final = frozenset({LicenceClass.COMMERCIAL_CLEARED, LicenceClass.COMMERCIAL_ENTERPRISE})


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence that is stored with a track when it is created. ``version`` dates the wording: "2026-11".

    ``attribution`` is the text by which uses credit the source; empty if there is none of its own.
    """

    licence_class: LicenceClass
    version: str
    requires_attribution: bool
    attribution: str = ""

    @property
    def commercial_use(self) -> bool:
        return self.licence_class in COMMERCIAL


def of_derived_work(made: Licence, source: Licence) -> Licence:
    """Return the licence of music that is ``made`` under one licence from a source under another.

    It is no freer than either: the more restrictive class with its version, and both attributions.
    """
    deciding = max(made, source, key=lambda each: BY_FREEDOM.index(each.licence_class))
    attributions = dict.fromkeys(each.attribution for each in (made, source) if each.attribution)
    return Licence(
        deciding.licence_class,
        deciding.version,
        made.requires_attribution or source.requires_attribution,
        "; ".join(attributions),
    )
