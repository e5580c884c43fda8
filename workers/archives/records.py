"""What stands in an archive: the rows of the tables without what is an installation's own, checked when read."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import PydanticUndefined

from core import ids
from core.licence import COMMERCIAL
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
"""What the tables hold of a file's size."""

_MAX_TRACKS: Final = 200_000
_MAX_FILES: Final = 2_000
_CLOSED: Final = ConfigDict(extra="forbid")

_OWN: Final = frozenset({"organization_id", "user_id"})
_OF_JOBS: Final = frozenset({"idempotency_key", "lease_expires_at", "retry_at", "trace_parent", "imported_at"})

SUFFIXES: Final[Mapping[str, str]] = {media_type: suffix for suffix, media_type in content_hash.MEDIA_TYPES.items()}
"""By media type."""

Record = TypeVar("Record", bound=BaseModel)


class ArchiveError(Exception):
    """Something in an archive is not what it should be."""


def _known(media_type: str) -> str:
    if media_type not in SUFFIXES:
        raise ValueError("files of this kind are not kept here")
    return media_type


class _Chord(BaseModel):
    model_config = _CLOSED
    start_ms: int
    end_ms: int
    symbol: str


class _Section(BaseModel):
    model_config = _CLOSED
    start_ms: int
    end_ms: int
    name: str


def _record(name: str, table: type[BaseModel], without: frozenset[str], **instead: Any) -> type[BaseModel]:  # noqa: ANN401  fields
    """The columns of a table. One that a later version adds is in its archives without a word here."""
    fields: dict[str, Any] = {}
    for column, field in table.model_fields.items():
        if column in without:
            continue
        is_optional = field.default is not PydanticUndefined
        fields[column] = (field.annotation, field.default if is_optional else ...)
    return create_model(name, __config__=_CLOSED, **{**fields, **instead})


TrackRecord: Final = _record(
    "TrackRecord",
    Track,
    _OWN | {"deleted_at", "generation_id"},
    chords=(list[_Chord], ...),
    sections=(list[_Section], ...),
)
JobRecord: Final = _record("JobRecord", Generation, _OWN | _OF_JOBS)
SessionRecord: Final = _record("SessionRecord", FocusSession, _OWN | {"idempotency_key"})
EntryRecord: Final = _record("EntryRecord", LibraryEntry, _OWN | {"track_id", "share_link_id", "about"})
CollectionRecord: Final = _record("CollectionRecord", Collection, _OWN | {"deleted_at"})


class FileRecord(BaseModel):
    """A file of a track; without a path it was missing when the archive was written."""

    model_config = _CLOSED
    role: FileRole
    name: Annotated[str, Field(max_length=255)]
    media_type: Annotated[str, AfterValidator(_known)]
    size_bytes: Annotated[int, Field(gt=0, le=MAX_FILE_BYTES)]
    frames: int | None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    path: Annotated[str, Field(max_length=1024)] | None


class TrackDocument(BaseModel):
    """All about a track: ``track.json``."""

    model_config = _CLOSED
    track: dict[str, Any]
    generation: dict[str, Any]
    library: dict[str, Any] | None
    files: Annotated[list[FileRecord], Field(max_length=_MAX_FILES)]


class IndexedTrack(BaseModel):
    """A track in the index."""

    model_config = _CLOSED
    id: str
    title: str | None
    folder: Annotated[str, Field(max_length=512)]
    missing: list[str]


class Member(BaseModel):
    """A track's place in a collection, by the order in which they stand."""

    model_config = _CLOSED
    track_id: str
    added_at: datetime


class CollectionDocument(BaseModel):
    """A collection with its members."""

    model_config = _CLOSED
    collection: dict[str, Any]
    tracks: list[Member]


class SharedTrack(BaseModel):
    """A track of somebody else's that the user keeps: named, not contained."""

    model_config = _CLOSED
    track_id: str
    saved_at: datetime
    tags: list[str]
    is_favourite: bool


class Index(BaseModel):
    """What an archive holds: ``index.json``."""

    model_config = _CLOSED
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


def dump(record: type[BaseModel], row: BaseModel, **instead: object) -> dict[str, Any]:
    """A row as its record."""
    return {**{name: getattr(row, name) for name in record.model_fields}, **instead}


def parse(record: type[Record], content: bytes | Mapping[str, Any]) -> Record:
    """A record out of JSON. Raises Damaged."""
    try:
        value = orjson.loads(content) if isinstance(content, bytes) else content
        _check_texts(value)
        return record.model_validate(value)
    except orjson.JSONDecodeError:
        raise ArchiveError("is not JSON") from None
    except RecursionError:
        raise ArchiveError("is nested too deeply") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ArchiveError(f"is wrong at {place or 'its top'}: {first['msg']}") from None


def parse_fields(record: type[BaseModel], content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row out of its record. Raises Damaged."""
    return parse(record, content).model_dump()


def check_id(kind: ids.Kind, text: object) -> str:
    """The id itself. Raises Damaged for what is no id of this kind."""
    if not isinstance(text, str) or not ids.is_a(kind, text):
        raise ArchiveError(f"{str(text)[:80]!r} is no id that begins with {kind.value}_")
    return text


def check_licence(track: Mapping[str, Any]) -> None:
    """The class alone decides what is allowed. Raises Damaged."""
    if track["commercial_use"] is not (track["licence_class"] in COMMERCIAL):
        raise ArchiveError("promises a use that its licence does not allow")


_CONTROL: Final = re.compile("\x00")


def _check_texts(value: object) -> None:
    """Postgres keeps no NUL."""
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise ArchiveError("has a NUL in a text")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)
