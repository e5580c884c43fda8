"""Records of the JSON columns of tracks and jobs: chords, sections, report, controls, sources and file metadata."""

from typing import Annotated, Any, Final

from pydantic import Field, SerializerFunctionWrapHandler, StrictFloat, model_serializer

from core import language_tags
from core.licence import LicenceClass
from core.rights import RightsBasis
from core.track_metadata import SourceType
from engines.capabilities import RequestField, Support
from engines.source_port import SourcePart, SourceTask
from resolvers.access.validation import Text
from resolvers.generations.commands import MAX_PROMPT_LENGTH
from resolvers.generations.controls import MAX_NEGATIVE_PROMPT_LENGTH, MAX_SECTIONS
from workers.archives.field_rules import (
    MAX_SECONDS,
    Instruments,
    Issuer,
    Line,
    Milliseconds,
    Moment,
    Real,
    Seconds,
    Sentences,
    Sha256,
    Share,
    StrictRecord,
    Texts,
    Title,
    Whole,
    Word,
)

_ISO_TIME: Final = r"^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ$"


class Chord(StrictRecord):
    start_ms: Milliseconds
    end_ms: Milliseconds
    symbol: Word


class Section(StrictRecord):
    start_ms: Milliseconds
    end_ms: Milliseconds
    name: Word


class _NumberComparison(StrictRecord):
    requested: Real | None
    delivered: Real | None
    measured: Real | None


class _TextComparison(StrictRecord):
    requested: Line | None
    delivered: Line | None
    measured: Line | None


class _Approximation(StrictRecord):
    asked: Sentences
    given: Sentences


class _InstrumentUse(StrictRecord):
    name: Word
    stem: Word
    starts_at: Milliseconds
    share: Share


class _FieldSupport(StrictRecord):
    field: RequestField
    support: Support
    note: Sentences


class Report(StrictRecord):
    tempo_bpm: _NumberComparison
    duration_seconds: _NumberComparison
    loudness_lufs: _NumberComparison
    key: _TextComparison
    metre: _TextComparison
    words_used: Texts
    words_approximated: Annotated[list[_Approximation], Field(max_length=1000)]
    words_ignored: Texts
    notes: Texts
    # missing in reports of older engines
    instruments: Annotated[list[_InstrumentUse], Field(max_length=1000)] | None = None
    # missing in reports of older versions
    field_support: Annotated[list[_FieldSupport], Field(max_length=len(RequestField))] | None = None


class Controls(StrictRecord):
    """The controls of a job that were given (resolvers.generations.controls)."""

    lyrics_language: Annotated[str, Text(1, language_tags.MAX_LENGTH)] | None = None
    tempo_bpm: Annotated[StrictFloat, Field(gt=0, le=1000)] | None = None
    key: Word | None = None
    metre: Word | None = None
    negative_prompt: Annotated[str, Text(1, MAX_NEGATIVE_PROMPT_LENGTH)] | None = None
    include: Instruments = Field(default=[])
    exclude: Instruments = Field(default=[])
    only: Instruments = Field(default=[])
    structure: Annotated[list[Word], Field(max_length=MAX_SECTIONS)] = Field(default=[])
    intensity: Share | None = None
    density: Share | None = None
    brightness: Share | None = None

    @model_serializer(mode="wrap")
    def _drop_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = serialize(self)
        return {name: value for name, value in fields.items() if value not in (None, [])}


class JobSource(StrictRecord):
    """How a job used source audio (engines.source_port). Uploads are not part of an archive."""

    task: SourceTask
    duration_seconds: Seconds
    strength: Share | None = None
    start_seconds: Annotated[StrictFloat, Field(ge=0, le=MAX_SECONDS)] | None = None
    end_seconds: Annotated[StrictFloat, Field(ge=0, le=MAX_SECONDS)] | None = None
    parts: Annotated[list[SourcePart], Field(max_length=len(SourcePart))] = Field(default=[])


class Source(StrictRecord):
    """The audio that a track was made from (core.track_metadata)."""

    task: Word
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    track_id: Word | None = None
    reference_audio_id: Word | None = None
    basis: RightsBasis | None = None
    declared_at: Annotated[str, Field(pattern=_ISO_TIME)] | None = None


class Origin(StrictRecord):
    issuer: Issuer | None
    imported_at: Moment
    is_verified: bool
    master_sha256: Sha256 | None = None


class TrackMetadataRecord(StrictRecord):
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
    made_at: Annotated[str, Field(pattern=_ISO_TIME)]
    tempo_bpm: Real | None = None
    key: Word | None = None
    style: Word | None = None
    loudness_lufs: Real | None = None
    true_peak_dbtp: Real | None = None
    origin: Origin | None = None
    attribution: Sentences | None = None
    model: Line | None = None
    model_version: Line | None = None
    adapters: Annotated[list[Line], Field(max_length=64)] = Field(default=[])
    seed: Whole | None = None
    request_sent: Annotated[str, Text(0, 8_000)] | None = None
    licence_terms: Sentences | None = None
    prompt: Annotated[str, Text(0, MAX_PROMPT_LENGTH)] | None = None
    source: Source | None = None
