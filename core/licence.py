"""What a track may be used for. The class alone decides; nothing elsewhere derives or upgrades it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class LicenceClass(StrEnum):
    """How far an engine's output may be used."""

    COMMERCIAL_CLEARED = "commercial_cleared"
    COMMERCIAL_ENTERPRISE = "commercial_enterprise"
    PERSONAL_ONLY = "personal_only"
    UNCLEAR = "unclear"


COMMERCIAL: Final = frozenset({LicenceClass.COMMERCIAL_CLEARED, LicenceClass.COMMERCIAL_ENTERPRISE})


@dataclass(frozen=True, slots=True)
class Licence:
    """The facts that are frozen on a track when it is made. ``version`` dates the wording, as "2026-11"."""

    licence_class: LicenceClass
    version: str
    requires_attribution: bool

    @property
    def commercial_use(self) -> bool:
        """Whether the track may be used commercially."""
        return self.licence_class in COMMERCIAL
