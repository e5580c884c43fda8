"""What the files of a track say of themselves: frozen when the track is made, as the licence is."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final, Self

from core.licence import COMMERCIAL, LicenceClass

_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class SourceType(StrEnum):
    """How digital sound comes to be, in the words of IPTC's vocabulary "Digital Source Type"."""

    ALGORITHMIC_MEDIA = "algorithmicMedia"  # by rule; nothing was learned from anybody's recordings
    TRAINED_ALGORITHMIC_MEDIA = "trainedAlgorithmicMedia"  # by a model that was trained on recordings

    @property
    def uri(self) -> str:
        """As files name it."""
        return f"{_VOCABULARY}{self.value}"


@dataclass(frozen=True, slots=True)
class TrackMetadata:
    """The facts of one track. ``creator`` is its organization; an ISRC is a registrant's to give, so there is none.

    ``engine`` is the engine's name. ``made_at`` is ISO 8601 in UTC.
    """

    track_id: str
    title: str | None
    creator: str
    engine: str
    engine_version: str
    source_type: SourceType
    prompt_sha256: str
    licence_class: LicenceClass
    licence_version: str
    requires_attribution: bool
    made_at: str
    tempo_bpm: float | None = None
    key: str | None = None
    style: str | None = None
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None

    @property
    def commercial_use(self) -> bool:
        """Whether the track may be used commercially; the class alone decides."""
        return self.licence_class in COMMERCIAL

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """What ``as_json`` gave, though a later version may have kept more."""
        known = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        closed = {"source_type": SourceType(kept["source_type"]), "licence_class": LicenceClass(kept["licence_class"])}
        return cls(**{**known, **closed})


def fingerprint(prompt: str) -> str:
    """The hash that stands for a prompt: its words stay with whoever wrote them."""
    return hashlib.sha256(prompt.encode()).hexdigest()
