"""Origins of imported tracks: compare them with their receipts. Without a trusted signature, licences are unclear."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from pydantic import RootModel, TypeAdapter, ValidationError

from core import clock
from core.licence import LicenceClass
from core.track_metadata import SourceType, TrackMetadata, TrackOrigin, hash_prompt
from engines.registry import INSTALLED_ENGINES
from resolvers.receipts import receipts
from resolvers.signing import signatures
from resolvers.signing.signatures import PublicKeys
from storage.tables import FileRole, Track
from workers.archives import records
from workers.archives.documents import FileRecord
from workers.archives.field_rules import Issuer
from workers.archives.records import ArchiveError

MAX_RECEIPT_BYTES: Final = 1 << 20

_LOCAL_FIELDS: Final = frozenset({"issuer", "organization", "files"})
"""The fields of a receipt that depend on the installation, or that change over time."""

_ISSUER: Final[TypeAdapter[str]] = TypeAdapter(Issuer)
_ANY_DOCUMENT: Final = RootModel[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ImportedTrack:
    """A track to import: its columns with their licence, the metadata for its files, and its receipt as it came."""

    fields: Mapping[str, Any]
    metadata: TrackMetadata
    receipt: str | None

    @property
    def is_verified(self) -> bool:
        return self.metadata.origin is not None and self.metadata.origin.is_verified


def build(
    fields: Mapping[str, Any],
    prompt: str,
    files: Sequence[FileRecord],
    receipt: bytes | None,
    claimed_issuer: str,
    keys: PublicKeys | None,
) -> ImportedTrack:
    """Determine the origin and the licence of an archived track. With keys, its receipt must confirm both.

    Raises ArchiveError.
    """
    issuer = claimed_issuer
    document: Mapping[str, Any] = {}
    try:
        document = records.parse(_ANY_DOCUMENT, receipt).root if receipt is not None else {}
    except ArchiveError:
        if keys is not None:
            raise
    if keys is not None:
        _check_receipt(document, keys, fields, files)
    if document:
        issuer = document.get("issuer", claimed_issuer)
    masters = [file.sha256 for file in files if file.role is FileRole.MASTER]
    origin = TrackOrigin(_valid_issuer(issuer), clock.iso(clock.now()), keys is not None, masters[0])
    metadata = replace(_metadata(fields, prompt), origin=origin)
    changes: dict[str, Any] = {}
    if not origin.is_verified:
        changes = {"licence_class": LicenceClass.UNCLEAR, "commercial_use": False}
        metadata = replace(metadata, licence_class=LicenceClass.UNCLEAR)
    columns = {**fields, **changes, "origin": asdict(origin), "papers": metadata.as_json()}
    return ImportedTrack(columns, metadata, receipt.decode() if receipt is not None and document else None)


def _check_receipt(
    receipt: Mapping[str, Any], keys: PublicKeys, fields: Mapping[str, Any], files: Sequence[FileRecord]
) -> None:
    """Check that a signed receipt states the same licence and files. Raises ArchiveError."""
    if not signatures.is_valid(receipt, keys):
        raise ArchiveError("its receipt was not signed with any of the given keys")
    track = Track(**{**fields, "origin": None}, generation_id="", organization_id="", user_id="")
    statement = receipts.build_statement(track, [], "", "")
    if any(receipt.get(name) != statement[name] for name in statement.keys() - _LOCAL_FIELDS):
        raise ArchiveError("its receipt states something different")
    stated = {(entry["role"], entry["name"], entry["sha256"]) for entry in receipt["files"]}
    if not {(file.role.value, file.name, file.sha256) for file in files} <= stated:
        raise ArchiveError("it has files that its receipt does not list")


def _valid_issuer(issuer: object) -> str | None:
    try:
        return _ISSUER.validate_python(issuer)
    except ValidationError:
        return None


def _metadata(fields: Mapping[str, Any], prompt: str) -> TrackMetadata:
    """Return the metadata of an archived track; that of older tracks, which have none, is built of the columns."""
    if fields["papers"] is not None:
        return TrackMetadata.from_json({**fields["papers"], "origin": None})
    entry = INSTALLED_ENGINES.get(fields["engine"])
    columns = ("title", "engine", "engine_version", "licence_class", "licence_version", "requires_attribution")
    measured = ("tempo_bpm", "key", "style", "loudness_lufs", "true_peak_dbtp")
    return TrackMetadata(
        **{name: fields[name] for name in (*columns, *measured)},
        track_id=fields["id"],
        creator="",
        source_type=entry.info.source_type if entry else SourceType.TRAINED_ALGORITHMIC_MEDIA,
        prompt_sha256=hash_prompt(prompt),
        made_at=clock.iso(fields["created_at"]),
    )
