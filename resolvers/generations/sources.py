"""Source audio of a request: its rules, its JSON in the table of generations, and the licence that it allows."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StrictFloat, TypeAdapter, ValidationInfo
from pydantic.dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncSession

from core import ids
from core.errors import InvalidInput, Problem
from engines.registry import EngineRegistry
from engines.source_port import PARTS, SourceAudio, SourcePart, SourceTask
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.generations.support import SUPPORTED, capability
from resolvers.library import reference_audios, tracks
from storage.queries import generations, owned
from storage.tables import Generation, ReferenceAudio

_STORED: Final = TypeAdapter(SourceAudio)
_SECONDS: Final = Field(ge=0.0, allow_inf_nan=False)
_Id = Annotated[str, validation.Text(1, 255)]
_Fraction = Annotated[StrictFloat, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_Seconds = Annotated[StrictFloat, _SECONDS]


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class Source:
    """Audio that the music is made from: an upload or a track of the caller. The music is as long as the source."""

    task: SourceTask
    """What the engine does with the source."""
    reference_audio_id: _Id | None = None
    """ID of an upload of yours. Give this or `track_id`."""
    track_id: _Id | None = None
    """ID of a track that you made."""
    strength: _Fraction | None = None
    """For `cover`: how closely the music follows the source, from 0.0 to 1.0."""
    start_seconds: _Seconds | None = None
    """For `repaint`: start of the range to replace. By default, the start of the source."""
    end_seconds: _Seconds | None = None
    """For `repaint`: end of the range. By default, the end of the source."""
    parts: Annotated[tuple[SourcePart, ...], Field(max_length=len(SourcePart))] = ()
    """For `lego` and `extract`: the part to add or to isolate. For `complete`: the parts to add."""


def _check(source: Source, info: ValidationInfo[EngineRegistry]) -> Source:
    found = capability(info)
    if found is not None and found.values and source.task.value not in found.values:
        raise validation.rule_error(f"The task must be one of {', '.join(found.values)} for this engine.")
    if info.data.get("seed_track_id") is not None:
        raise validation.rule_error("Must be left out of a request that continues a track.")
    if (source.reference_audio_id is None) == (source.track_id is None):
        raise validation.rule_error("Must have either reference_audio_id or track_id.")
    if problem := _find_mismatch(source):
        raise validation.rule_error(problem)
    return source


def _find_mismatch(source: Source) -> str | None:
    """Return what is wrong with fields that depend on the task."""
    start, end, most = source.start_seconds, source.end_seconds, PARTS.get(source.task, 0)
    is_range = start is not None or end is not None
    if source.strength is not None and source.task is not SourceTask.COVER:
        return "strength is for the task cover only."
    if is_range != (source.task is SourceTask.REPAINT):
        return "The task repaint needs start_seconds, end_seconds or both; other tasks have neither."
    if end is not None and end <= (start or 0.0):
        return "end_seconds must be greater than start_seconds."
    if len(set(source.parts)) > most or (most and not source.parts):
        return "Each of the tasks lego and extract needs one of parts, and complete one or more; other tasks have none."
    return None


SourceField = Annotated[Source, SUPPORTED, AfterValidator(_check)]


def to_json(source: Source) -> dict[str, Any]:
    """Return the fields that the engine takes, without the duration, as JSON values."""
    given = {
        name: value for name, value in asdict(source).items() if value not in (None, ()) and not name.endswith("_id")
    }
    return given | ({"parts": list(dict.fromkeys(source.parts))} if source.parts else {})


def from_json(stored: Mapping[str, Any] | None) -> SourceAudio | None:
    """Return the source of a generation from its column."""
    return None if stored is None else _STORED.validate_python(stored)


async def add_duration(session: AsyncSession, ctx: Context, row: Generation) -> Generation:
    """Check the source of a new generation against its audio, and return the row with the duration.

    Raises InvalidInput: the audio may be missing, another user's, not uploaded yet or expired, or it may not fit.
    """
    given = row.source or {}
    seconds = await _load_seconds(session, ctx, row)
    if math.ceil(seconds) != row.duration_seconds:
        message = f"Must be {math.ceil(seconds)}: the music is as long as the source."
        raise InvalidInput([Problem(("duration_seconds",), message)])
    for name in ("start_seconds", "end_seconds"):
        if given.get(name, 0.0) > seconds:
            raise InvalidInput([Problem(("source", name), f"Must be at most {seconds:g}, the length of the source.")])
    return generations.ROWS.replace(row, source={**given, "duration_seconds": seconds})


async def _load_seconds(session: AsyncSession, ctx: Context, row: Generation) -> float:
    """Return the duration of the source, which stays as it is until the transaction ends."""
    caller = ctx.caller
    if row.reference_audio_id is not None:
        is_id = ids.is_a(ids.Kind.REFERENCE_AUDIO, row.reference_audio_id)
        scope = [row.organization_id]
        key = (row.reference_audio_id, caller.user_id, scope)
        found = await owned.lock(session, ReferenceAudio, *key, key_share=True) if is_id else None
        if found is None:
            raise _problem("reference_audio_id", "Must be an upload of yours in this organization.")
        if found.duration_seconds is None:
            upload = reference_audios.upload_path(found)
            raise _problem("reference_audio_id", f"The file is not uploaded yet: send it to {upload}.")
        return found.duration_seconds
    track = await tracks.find_readable(session, ctx, row.seed_track_id or "", [row.organization_id])
    if track is None or track.user_id != caller.user_id:
        raise _problem("track_id", "Must be a track that you made in this organization.")
    if track.measured_duration_seconds is None:
        raise _problem("track_id", "The length of this track is unknown.")
    return track.measured_duration_seconds


def _problem(field: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(("source", field), message)])
