"""The documents in an archive: table rows without the columns that only make sense in their installation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from core import ids
from storage.blobs import content_hash
from storage.tables import Collection, FileRole, FocusSession, Generation, LibraryEntry, Track

FORMAT: Final = "music-studio/archive"
VERSION: Final = 1

INDEX: Final = "index.json"
PAGE: Final = "index.html"
HISTORY: Final = "history.jsonl"
TRACK: Final = "track.json"
RECEIPT: Final = "receipt.json"

MAX_INDEX_BYTES: Final = 64 << 20
MAX_DOCUMENT_BYTES: Final = 8 << 20
MAX_HISTORY_BYTES: Final = 256 << 20
MAX_FILE_BYTES: Final = 2**31 - 1
"""The largest size that the table can store."""

_MAX_TRACKS: Final = 200_000
_MAX_FILES: Final = 2_000

_OWNER: Final = frozenset({"organization_id", "user_id"})
_LOCAL_TO_JOBS: Final = frozenset({"idempotency_key", "lease_expires_at", "retry_at", "trace_parent", "imported_at"})

SUFFIXES: Final[Mapping[str, str]] = {media_type: suffix for suffix, media_type in content_hash.MEDIA_TYPES.items()}
"""File suffixes by media type."""

Record = TypeVar("Record", bound=BaseModel)


class ArchiveError(Exception):
    """An archive, or an object in it, is not valid or conflicts with an existing object."""


def _check_media_type(media_type: str) -> str:
    if media_type not in SUFFIXES:
        raise ValueError(f"the media type {media_type!r} is not supported")
    return media_type


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Chord(_Record):
    start_ms: int
    end_ms: int
    symbol: str


class _Section(_Record):
    start_ms: int
    end_ms: int
    name: str


def _record(name: str, table: type[BaseModel], exclude: frozenset[str], **overrides: Any) -> type[BaseModel]:  # noqa: ANN401  fields
    """Create a model with the columns of a table, including those that later versions add."""
    # the default of a required field is PydanticUndefined
    columns = {column: (field.annotation, field.default) for column, field in table.model_fields.items()}
    fields: dict[str, Any] = {column: field for column, field in columns.items() if column not in exclude}
    return create_model(name, __base__=_Record, **{**fields, **overrides})


TrackRecord: Final = _record(
    "TrackRecord",
    Track,
    _OWNER | {"deleted_at", "generation_id"},
    chords=(list[_Chord], ...),
    sections=(list[_Section], ...),
)
JobRecord: Final = _record("JobRecord", Generation, _OWNER | _LOCAL_TO_JOBS)
SessionRecord: Final = _record("SessionRecord", FocusSession, _OWNER | {"idempotency_key"})
EntryRecord: Final = _record("EntryRecord", LibraryEntry, _OWNER | {"track_id", "share_link_id", "about"})
CollectionRecord: Final = _record("CollectionRecord", Collection, _OWNER | {"deleted_at"})


class FileRecord(_Record):
    """A file of a track. ``path`` is None if it was missing when the archive was written."""

    role: FileRole
    name: Annotated[str, Field(max_length=255)]
    media_type: Annotated[str, AfterValidator(_check_media_type)]
    size_bytes: Annotated[int, Field(gt=0, le=MAX_FILE_BYTES)]
    frames: int | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    path: Annotated[str, Field(max_length=1024)] | None


class TrackDocument(_Record):
    """The content of ``track.json``."""

    track: dict[str, Any]
    generation: dict[str, Any]
    library: dict[str, Any] | None
    files: Annotated[list[FileRecord], Field(max_length=_MAX_FILES)]


class IndexedTrack(_Record):
    """A track in ``index.json``."""

    id: str
    title: str | None
    folder: Annotated[str, Field(max_length=512)]
    missing: list[str]


class Member(_Record):
    """A member of a collection; members are in their order."""

    track_id: str
    added_at: datetime


class CollectionDocument(_Record):
    collection: dict[str, Any]
    tracks: list[Member]


class SharedTrack(_Record):
    """A track of another user in the library: only its id is in the archive."""

    track_id: str
    saved_at: datetime
    tags: list[str]
    is_favourite: bool


class Index(_Record):
    """The content of ``index.json``."""

    format: Literal["music-studio/archive"]
    version: Literal[1]
    made_at: datetime
    issuer: str
    user: str
    organizations: list[str]
    tracks: Annotated[list[IndexedTrack], Field(max_length=_MAX_TRACKS)]
    collections: list[CollectionDocument]
    focus_sessions: list[dict[str, Any]]
    shared_with_you: list[SharedTrack]
    jobs: int


def dump(record: type[BaseModel], row: BaseModel, **overrides: object) -> dict[str, Any]:
    """Return the fields of a row's record."""
    return {name: overrides[name] if name in overrides else getattr(row, name) for name in record.model_fields}


def parse(record: type[Record], content: bytes | Mapping[str, Any]) -> Record:
    """Validate a record. Raises ArchiveError."""
    try:
        value = orjson.loads(content) if isinstance(content, bytes) else content
        _reject_nul(value)
        return record.model_validate(value)
    except orjson.JSONDecodeError:
        raise ArchiveError("is not JSON") from None
    except RecursionError:
        raise ArchiveError("is nested too deeply") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ArchiveError(f"is not valid at {place or 'the top level'}: {first['msg']}") from None


def parse_fields(record: type[BaseModel], content: bytes | Mapping[str, Any], kind: ids.Kind) -> dict[str, Any]:
    """Validate a record, whose id must be of this kind, and return its columns. Raises ArchiveError."""
    fields = parse(record, content).model_dump()
    if not ids.is_a(kind, fields["id"]):
        raise ArchiveError(f"{fields['id'][:80]!r} is not an id that begins with {kind.value}_")
    return fields


def _reject_nul(value: object) -> None:
    """Raise ArchiveError for NUL characters, which Postgres cannot store."""
    if isinstance(value, str) and "\x00" in value:
        raise ArchiveError("contains a NUL character")
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list):
        for inner in value:
            _reject_nul(inner)
