"""Table rows in an archive, without the columns that only make sense in their installation."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args

import orjson
from pydantic import BaseModel, Field, StrictFloat, StrictInt, ValidationError, create_model

from core import ids
from core.focus import MAX_MINUTES
from resolvers.access.validation import Text
from resolvers.focus.commands import Divergence, Prompt
from resolvers.generations.commands import MAX_LYRICS_LENGTH, Seed
from resolvers.library.commands import Description, ImageUrl, Name, Tag
from storage.tables import Collection, FocusSession, Generation, LibraryEntry, Track
from workers.archives.field_rules import (
    MAX_EVENTS,
    MAX_SECONDS,
    Line,
    Moment,
    Money,
    Real,
    Seconds,
    Sentences,
    StrictRecord,
    Tags,
    Title,
    Whole,
    Word,
)
from workers.archives.json_columns import Chord, Controls, JobSource, Origin, Report, Section, TrackMetadataRecord

_OWNER: Final = frozenset({"organization_id", "user_id"})
_LOCAL_TO_JOBS: Final = frozenset(
    {
        *("idempotency_key", "lease_expires_at", "next_step_at", "retry_at", "trace_parent", "imported_at"),
        *("callback_url", "callback_secret", "reference_audio_id"),
    }
)

_RULES: Final[Mapping[Any, Any]] = {str: Line, int: Whole, float: Real, datetime: Moment, Decimal: Money}
"""By the type of a column."""

Record = TypeVar("Record", bound=BaseModel)


class ArchiveError(Exception):
    """An archive, or an object in it, is not valid or conflicts with an existing object."""


def _record(name: str, table: type[BaseModel], exclude: frozenset[str], /, **overrides: Any) -> type[BaseModel]:  # noqa: ANN401  fields
    """Create a model with the columns of a table, including those that later versions add."""
    fields: dict[str, Any] = {}
    for column, field in table.model_fields.items():
        if column not in exclude:
            # the default of a required field is PydanticUndefined
            fields[column] = (overrides.get(column, _rule(field.annotation)), field.default)
    return create_model(name, __base__=StrictRecord, **fields)


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
    chords=Annotated[list[Chord], Field(max_length=MAX_EVENTS)],
    sections=Annotated[list[Section], Field(max_length=MAX_EVENTS)],
    report=Report | Annotated[dict[str, Any], Field(max_length=0)],
    palette=Annotated[list[Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]], Field(max_length=16)],
    papers=TrackMetadataRecord | None,
    origin=Origin | None,
)
JobRecord: Final = _record(
    "JobRecord",
    Generation,
    _OWNER | _LOCAL_TO_JOBS,
    progress=Annotated[StrictInt, Field(ge=0, le=100)],
    engine=Word,
    prompt=Prompt,
    duration_seconds=Annotated[StrictInt, Field(gt=0, le=MAX_SECONDS)],
    lyrics=Annotated[str, Text(0, MAX_LYRICS_LENGTH)] | None,
    style_tags=Annotated[list[Tag], Field(max_length=20)],
    title=Title | None,
    seed=Seed,
    controls=Controls | None,
    source=JobSource | None,
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
    ready_seconds=Annotated[StrictFloat, Field(ge=0, le=1e9)],
    gap_seconds=Annotated[StrictFloat, Field(ge=0, le=1e9)],
    problem=Sentences | None,
)
EntryRecord: Final = _record("EntryRecord", LibraryEntry, _OWNER | {"track_id", "share_link_id", "about"}, tags=Tags)
CollectionRecord: Final = _record(
    "CollectionRecord",
    Collection,
    _OWNER | {"deleted_at"},
    name=Name,
    description=Description | None,
    cover_image_url=ImageUrl | None,
)


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
