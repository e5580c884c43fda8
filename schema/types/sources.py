"""Source audio of generations and tracks."""

from datetime import datetime
from typing import Self

import strawberry

from core import track_metadata
from core.rights import RightsBasis
from core.track_metadata import TrackMetadata
from engines import source_port
from engines.source_port import SourcePart, SourceTask
from schema.limits.field_costs import ListSize
from schema.runtime.row_types import RowBacked, row_backed
from storage import tables


@strawberry.input(
    description="Audio that the music is made from: an upload or a track of yours. `durationSeconds` must be its "
    "length, rounded up."
)
class SourceInput:
    task: SourceTask = strawberry.field(description="What to do with it, one of the tasks of the engine.")
    reference_audio_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ID of an upload. Give this or `trackId`."
    )
    track_id: strawberry.ID | None = strawberry.field(default=None, description="The ID of a track that you made.")
    strength: float | None = strawberry.field(
        default=None, description="For `COVER`: how closely the music follows the source, from 0.0 to 1.0."
    )
    start_seconds: float | None = strawberry.field(
        default=None, description="For `REPAINT`: the start of the range. Default: the start of the source."
    )
    end_seconds: float | None = strawberry.field(
        default=None, description="For `REPAINT`: the end of the range. Default: the end of the source."
    )
    parts: list[SourcePart] | None = strawberry.field(
        default=None,
        description="For `LEGO` and `EXTRACT`: the part to add or to isolate. For `COMPLETE`: the parts to add.",
    )


@row_backed(parts=lambda source: list(source.row.parts))
@strawberry.type(description="How a generation uses source audio.")
class GenerationSource(RowBacked[source_port.SourceAudio]):
    task: SourceTask = strawberry.field(description="What is done with it.")
    duration_seconds: float = strawberry.field(description="The length of the source, in seconds.")
    strength: float | None = strawberry.field(description="How closely a cover follows it, from 0.0 to 1.0.")
    start_seconds: float | None = strawberry.field(description="The start of the range to repaint.")
    end_seconds: float | None = strawberry.field(description="The end of the range to repaint.")
    parts: list[SourcePart] = strawberry.field(
        directives=[ListSize(assumed_size=len(SourcePart))], description="The parts to add or to isolate."
    )


@row_backed(
    declared_at=lambda source: source.row.declared_at and datetime.fromisoformat(source.row.declared_at),
)
@strawberry.type(description="The audio that a track was made from, as it was when the track was made.")
class TrackSource(RowBacked[track_metadata.TrackSource]):
    task: str = strawberry.field(description="What was done with it, such as cover.")
    sha256: str = strawberry.field(description="The SHA-256 of the file.")
    track_id: strawberry.ID | None = strawberry.field(description="The ID of the track, or null for an upload.")
    reference_audio_id: strawberry.ID | None = strawberry.field(description="The ID of the upload, or null.")
    basis: RightsBasis | None = strawberry.field(description="The declared basis of rights to an upload.")
    declared_at: datetime | None = strawberry.field(description="The time of the declaration.")
    message: str = strawberry.field(description="A human-readable form of the source.")

    @classmethod
    def from_track(cls, row: tables.Track) -> Self | None:
        """Return the source of a track, None for a track that was made from no audio."""
        return cls.from_optional(TrackMetadata.from_json(row.papers).source if row.papers else None)
