"""The documents in an archive: table rows without the columns that only make sense in their installation.

Fields have the rules of the commands that create such rows; a column without a command has the rule of its type.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Final, Literal, Self, TypeVar, Union, get_args

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictFloat,
    StrictInt,
    ValidationError,
    create_model,
    model_serializer,
    model_validator,
)

from core import clock, ids
from core.focus import MAX_MINUTES
from core.licence import LicenceClass
from core.track_metadata import SourceType
from engines.capabilities import RequestField, Support
from resolvers.access.validation import Text
from resolvers.focus.commands import Divergence, Prompt
from resolvers.generations.commands import MAX_LYRICS_LENGTH, Seed
from resolvers.generations.controls import MAX_INSTRUMENTS, MAX_NEGATIVE_PROMPT_LENGTH, MAX_SECTIONS
from resolvers.library.commands import HTTP_URL, Description, ImageUrl, Name, Tag
from storage.blobs import content_hash
from storage.tables import MAX_TAGS, Collection, FileRole, FocusSession, Generation, LibraryEntry, Track

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
_MAX_EVENTS: Final = 20_000
_MAX_SECONDS: Final = 86_400
_MAX_INTEGER: Final = 2**31 - 1
"""The largest integer of GraphQL and of most columns."""

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_DIFFERENCE: Final = timedelta(days=1)
"""How far the clock of the exporting installation may be ahead."""

_OWNER: Final = frozenset({"organization_id", "user_id"})
_LOCAL_TO_JOBS: Final = frozenset(
    {
        *("idempotency_key", "lease_expires_at", "next_step_at", "retry_at", "trace_parent", "imported_at"),
        *("callback_url", "callback_secret"),
    }
)

SUFFIXES: Final[Mapping[str, str]] = {media_type: suffix for suffix, media_type in content_hash.MEDIA_TYPES.items()}
"""File suffixes by media type."""

Record = TypeVar("Record", bound=BaseModel)


class ArchiveError(Exception):
    """An archive, or an object in it, is not valid or conflicts with an existing object."""


def _check_moment(moment: datetime) -> datetime:
    latest = clock.now() + _CLOCK_DIFFERENCE
    if not _EARLIEST <= moment <= latest:
        raise ValueError(f"{moment.isoformat()} must be from {clock.iso(_EARLIEST)} to {clock.iso(latest)}")
    return moment


Line = Annotated[str, Text(0, 255)]
Title = Annotated[str, Text(1, 255)]
Word = Annotated[str, Text(1, 64)]
Sentences = Annotated[str, Text(0, 2000)]
Moment = Annotated[AwareDatetime, AfterValidator(_check_moment)]
Whole = Annotated[StrictInt, Field(ge=0, le=_MAX_INTEGER)]
Real = Annotated[StrictFloat, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Seconds = Annotated[StrictFloat, Field(gt=0, le=_MAX_SECONDS)]
Milliseconds = Annotated[StrictInt, Field(ge=0, le=1000 * _MAX_SECONDS)]
Money = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False)]
Issuer = Annotated[str, Text(1, 1024), Field(pattern=HTTP_URL)]
_Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
_Texts = Annotated[list[Sentences], Field(max_length=1000)]
_Instruments = Annotated[list[Word], Field(max_length=MAX_INSTRUMENTS)]
_Share = Annotated[StrictFloat, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_RULES: Final[Mapping[Any, Any]] = {str: Line, int: Whole, float: Real, datetime: Moment, Decimal: Money}
"""By the type of a column."""

_MEDIA_TYPES: Final[Mapping[FileRole, Mapping[str, str]]] = {
    FileRole.MASTER: {"audio/mpeg": ""},
    FileRole.LOSSLESS: {"audio/flac": ""},
    FileRole.ORIGINAL: dict.fromkeys(("audio/mpeg", "audio/flac", "audio/wav", "audio/ogg"), ""),
    FileRole.STEM: {"audio/flac": "[a-z][a-z0-9 _-]{0,63}"},
    FileRole.SCORE: {"audio/midi": "", "application/vnd.recordare.musicxml": "musicxml"},
    FileRole.WAVEFORM: {"application/json": ""},
    FileRole.COVER: {"image/svg+xml": "svg", "image/png": "png"},
    FileRole.STREAM: {"audio/mpeg": "[0-9]{3,6}"},
}
"""The media types of each role, with the pattern of the name. Converted files are not part of an archive."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Chord(_Record):
    start_ms: Milliseconds
    end_ms: Milliseconds
    symbol: Word


class _Section(_Record):
    start_ms: Milliseconds
    end_ms: Milliseconds
    name: Word


class _NumberComparison(_Record):
    requested: Real | None
    delivered: Real | None
    measured: Real | None


class _TextComparison(_Record):
    requested: Line | None
    delivered: Line | None
    measured: Line | None


class _Approximation(_Record):
    asked: Sentences
    given: Sentences


class _InstrumentUse(_Record):
    name: Word
    stem: Word
    starts_at: Milliseconds
    share: _Share


class _FieldSupport(_Record):
    field: RequestField
    support: Support
    note: Sentences


class _Report(_Record):
    tempo_bpm: _NumberComparison
    duration_seconds: _NumberComparison
    loudness_lufs: _NumberComparison
    key: _TextComparison
    metre: _TextComparison
    words_used: _Texts
    words_approximated: Annotated[list[_Approximation], Field(max_length=1000)]
    words_ignored: _Texts
    notes: _Texts
    # missing in reports of older engines
    instruments: Annotated[list[_InstrumentUse], Field(max_length=1000)] | None = None
    # missing in reports of older versions
    field_support: Annotated[list[_FieldSupport], Field(max_length=len(RequestField))] | None = None


class _Controls(_Record):
    """The controls of a job that were given (resolvers.generations.controls)."""

    tempo_bpm: Annotated[StrictFloat, Field(gt=0, le=1000)] | None = None
    key: Word | None = None
    metre: Word | None = None
    negative_prompt: Annotated[str, Text(1, MAX_NEGATIVE_PROMPT_LENGTH)] | None = None
    include: _Instruments = []
    exclude: _Instruments = []
    only: _Instruments = []
    structure: Annotated[list[Word], Field(max_length=MAX_SECTIONS)] = []
    intensity: _Share | None = None
    density: _Share | None = None
    brightness: _Share | None = None

    @model_serializer(mode="wrap")
    def _drop_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialize(self)
        return {name: value for name, value in fields.items() if value not in (None, [])}


class Origin(_Record):
    issuer: Issuer | None
    imported_at: Moment
    is_verified: bool
    master_sha256: Sha256 | None = None


class Papers(_Record):
    """The metadata in the files of a track (core.track_metadata)."""

    track_id: Word
    title: Title | None
    creator: Line
    engine: Word
    engine_version: Word
    source_type: SourceType
    prompt_sha256: Sha256
    licence_class: LicenceClass
    licence_version: Word
    requires_attribution: bool
    made_at: Annotated[str, Field(pattern=r"^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ$")]
    tempo_bpm: Real | None = None
    key: Word | None = None
    style: Word | None = None
    loudness_lufs: Real | None = None
    true_peak_dbtp: Real | None = None
    origin: Origin | None = None
    attribution: Sentences | None = None
    model: Line | None = None
    model_version: Line | None = None
    adapters: Annotated[list[Line], Field(max_length=64)] = []
    seed: Whole | None = None
    request_sent: Annotated[str, Text(0, 8_000)] | None = None
    licence_terms: Sentences | None = None


def _record(name: str, table: type[BaseModel], exclude: frozenset[str], /, **overrides: Any) -> type[BaseModel]:  # noqa: ANN401  fields
    """Create a model with the columns of a table, including those that later versions add."""
    fields: dict[str, Any] = {}
    for column, field in table.model_fields.items():
        if column not in exclude:
            # the default of a required field is PydanticUndefined
            fields[column] = (overrides.get(column, _rule(field.annotation)), field.default)
    return create_model(name, __base__=_Record, **fields)


def _rule(annotation: Any) -> Any:  # noqa: ANN401  types
    """Return the type of a column with the rule of that type."""
    options = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return Union[tuple(_RULES.get(option, option) for option in options)]  # noqa: UP007  of a tuple


TrackRecord: Final = _record(
    "TrackRecord",
    Track,
    _OWNER | {"deleted_at", "generation_id"},
    title=Title | None,
    engine=Word,
    engine_version=Word,
    seed=Seed,
    measured_duration_seconds=Seconds | None,
    tempo_bpm=Annotated[StrictFloat, Field(gt=0, le=1000)] | None,
    key=Word | None,
    metre=Word | None,
    style=Word | None,
    licence_version=Word,
    chords=Annotated[list[_Chord], Field(max_length=_MAX_EVENTS)],
    sections=Annotated[list[_Section], Field(max_length=_MAX_EVENTS)],
    report=_Report | Annotated[dict[str, Any], Field(max_length=0)],
    palette=Annotated[list[Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]], Field(max_length=16)],
    papers=Papers | None,
    origin=Origin | None,
)
JobRecord: Final = _record(
    "JobRecord",
    Generation,
    _OWNER | _LOCAL_TO_JOBS,
    progress=Annotated[StrictInt, Field(ge=0, le=100)],
    engine=Word,
    prompt=Prompt,
    duration_seconds=Annotated[StrictInt, Field(gt=0, le=_MAX_SECONDS)],
    lyrics=Annotated[str, Text(0, MAX_LYRICS_LENGTH)] | None,
    style_tags=Annotated[list[Tag], Field(max_length=20)],
    title=Title | None,
    seed=Seed,
    controls=_Controls | None,
    error_message=Sentences | None,
    refusal_reason=Sentences | None,
)
SessionRecord: Final = _record(
    "SessionRecord",
    FocusSession,
    _OWNER | {"idempotency_key"},
    prompt=Prompt | None,
    divergence=Divergence,
    engine=Word,
    target_minutes=Annotated[StrictInt, Field(gt=0, le=MAX_MINUTES)],
    seed=Seed,
    heard_seconds=Annotated[StrictFloat, Field(ge=0, le=1e9)],
)
EntryRecord: Final = _record("EntryRecord", LibraryEntry, _OWNER | {"track_id", "share_link_id", "about"}, tags=_Tags)
CollectionRecord: Final = _record(
    "CollectionRecord",
    Collection,
    _OWNER | {"deleted_at"},
    name=Name,
    description=Description | None,
    cover_image_url=ImageUrl | None,
)


class FileRecord(_Record):
    """A file of a track. ``path`` is None if it was missing when the archive was written."""

    role: FileRole
    name: Annotated[str, Field(max_length=255)]
    media_type: Annotated[str, Field(max_length=255)]
    size_bytes: Annotated[StrictInt, Field(gt=0, le=MAX_FILE_BYTES)]
    frames: Annotated[StrictInt, Field(gt=0, le=_MAX_EVENTS)] | None
    sha256: Sha256
    path: Annotated[str, Field(max_length=1024)] | None

    @model_validator(mode="after")
    def _check_role(self) -> Self:
        if self.media_type not in SUFFIXES:
            raise ValueError(f"the media type {self.media_type!r} is not supported")
        pattern = _MEDIA_TYPES.get(self.role, {}).get(self.media_type)
        if pattern is None or not re.fullmatch(pattern, self.name):
            raise ValueError(f"no {self.role.value} is named {self.name[:80]!r} and has the type {self.media_type}")
        if (self.role is FileRole.STREAM) != (self.frames is not None):
            raise ValueError("only the chunks of a stream have a number of frames")
        return self


class TrackDocument(_Record):
    """The content of ``track.json``."""

    track: dict[str, Any]
    generation: dict[str, Any]
    library: dict[str, Any] | None
    files: Annotated[list[FileRecord], Field(max_length=_MAX_FILES)]


class IndexedTrack(_Record):
    """A track in ``index.json``."""

    id: Line
    title: Line | None
    folder: Annotated[str, Field(max_length=512)]
    missing: list[str]


class Member(_Record):
    """A member of a collection; members are in their order."""

    track_id: Line
    added_at: Moment


class CollectionDocument(_Record):
    collection: dict[str, Any]
    tracks: list[Member]


class SharedTrack(_Record):
    """A track of another user in the library: only its id is in the archive."""

    track_id: Line
    saved_at: Moment
    tags: _Tags
    is_favourite: bool


class Index(_Record):
    """The content of ``index.json``."""

    format: Literal["music-studio/archive"]
    version: Literal[1]
    made_at: Moment
    issuer: Annotated[str, Text(0, 1024)]
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
        given = first["input"]
        shown = f", not {given!r:.80}" if isinstance(given, str | int | float) else ""
        raise ArchiveError(f"is not valid at {place or 'the top level'}: {first['msg']}{shown}") from None


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
