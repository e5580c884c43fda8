"""Metadata that is embedded in the files of a track, stored with the track when it is created."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final, Self

from core.licence import COMMERCIAL, LicenceClass
from core.rights import RightsBasis

_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class SourceType(StrEnum):
    """The origin of digital media, a term of IPTC's vocabulary "Digital Source Type"."""

    ALGORITHMIC_MEDIA = "algorithmicMedia"  # created by rules, without training data
    TRAINED_ALGORITHMIC_MEDIA = "trainedAlgorithmicMedia"  # created by a model that was trained on recordings

    @property
    def uri(self) -> str:
        """The URI of the term, as embedded in files."""
        return f"{_VOCABULARY}{self.value}"


@dataclass(frozen=True, slots=True)
class TrackOrigin:
    """The origin of a track that was imported from another installation.

    ``issuer`` is the URL of that installation: that of the receipt, or as the archive claims; None if unknown.
    ``is_verified`` is whether a receipt with a trusted signature states the licence and the files of the track.
    ``imported_at`` is ISO 8601 in UTC. ``master_sha256`` is the digest of the master in the archive.
    """

    issuer: str | None
    imported_at: str
    is_verified: bool
    master_sha256: str | None = None

    @property
    def message(self) -> str:
        """The origin as a sentence for people."""
        if self.is_verified:
            return f"Imported from {self.issuer}, whose signed receipt confirms it."
        return f"Imported. Its origin is not confirmed{f'; the archive names {self.issuer}' if self.issuer else ''}."

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | None) -> Self | None:
        """Return what ``asdict`` returned; None for a track that was made here."""
        return None if values is None else cls(**values)


@dataclass(frozen=True, slots=True)
class TrackSource:
    """The audio that a track was made from, as it was when the track was made.

    ``task`` is how it was used, ``sha256`` the digest of the file: of the upload as it came, or of the track's file.
    Of an upload: ``basis`` and ``declared_at`` (ISO 8601 in UTC) are those of the uploader's declaration of rights.
    """

    task: str
    sha256: str
    track_id: str | None = None
    reference_audio_id: str | None = None
    basis: RightsBasis | None = None
    declared_at: str | None = None

    @property
    def message(self) -> str:
        """The source as a sentence for people."""
        if self.basis is None or self.declared_at is None:
            return f"Made from the track {self.track_id} ({self.task})."
        day = self.declared_at.partition("T")[0]
        basis = self.basis.value.replace("_", " ")
        return f"Made from an uploaded file ({self.task}); declared by the uploader on {day}: {basis}."

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | None) -> Self | None:
        """Return what ``asdict`` returned; None for a track that was made from no audio."""
        if values is None:
            return None
        basis = values.get("basis")
        return cls(**{**values, "basis": None if basis is None else RightsBasis(basis)})


@dataclass(frozen=True, slots=True)
class TrackMetadata:
    """Metadata of one track. There is no ISRC, which only a registrant may assign.

    ``creator`` is the name of the organization, ``engine`` that of the engine. ``made_at`` is ISO 8601 in UTC.
    ``attribution`` is the text by which uses credit the source, ``origin`` is None for a track that was made here.

    Of a remote engine: ``model``, ``model_version`` and ``adapters`` (as LoRA names) as the peer reports them, the
    ``seed``, ``request_sent`` (the JSON that the peer received), ``licence_terms``, which the licence relies on, and
    ``source``, the audio that the track was made from, if any.

    Files contain the texts of ``prompt`` and ``request_sent`` if the operator's settings embed prompts, and otherwise
    digests: ``prompt`` is None then.
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
    origin: TrackOrigin | None = None
    attribution: str | None = None
    model: str | None = None
    model_version: str | None = None
    adapters: tuple[str, ...] = ()
    seed: int | None = None
    request_sent: str | None = None
    licence_terms: str | None = None
    prompt: str | None = None
    source: TrackSource | None = None

    @property
    def commercial_use(self) -> bool:
        return self.licence_class in COMMERCIAL

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON-serialisable values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what ``as_json`` wrote; fields of later versions are ignored."""
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        enums = {
            "source_type": SourceType(values["source_type"]),
            "licence_class": LicenceClass(values["licence_class"]),
        }
        lists = {"adapters": tuple(values.get("adapters", ()))}
        parts = {
            "origin": TrackOrigin.from_json(values.get("origin")),
            "source": TrackSource.from_json(values.get("source")),
        }
        return cls(**{**known, **enums, **lists, **parts})


def hash_prompt(prompt: str) -> str:
    """Return the SHA-256 that represents a prompt or a request in files, so that its text stays private."""
    return hashlib.sha256(prompt.encode()).hexdigest()
