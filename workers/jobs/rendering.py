"""Render a generation row, and build its track row and file metadata."""

import asyncio
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core import clock, ids
from core.track_metadata import TrackMetadata, hash_prompt
from engines.focus_port import Segment
from engines.port import SAMPLE_RATE, Continuation, EngineInfo, ProgressMonitor, RenderRequest, RenderResult, Report
from engines.remote.focus import requests
from resolvers.focus import scheduling
from resolvers.generations import controls, sources, support
from storage.blobs.port import BlobNotFound
from storage.queries import focus, tracks
from storage.tables import FileRole, Generation, Track
from workers.files import track_files
from workers.files.hls_chunks import PreviousSegment
from workers.services import WorkerServices


@dataclass(frozen=True, slots=True)
class Rendering:
    """A finished render. ``segment`` and ``previous`` are None unless it belongs to a focus session."""

    result: RenderResult
    segment: Segment | None
    previous: PreviousSegment | None


async def build_request(services: WorkerServices, row: Generation) -> RenderRequest:
    """Return the request of a generation. The same row gives the same request.

    An engine at a peer knows no segments: it gets an ordinary request for one.
    """
    segment = None if row.session_id is None else scheduling.segment_from_row(row)
    remote = services.engines.remote(row.engine)
    if segment is not None and remote is not None:
        return await asyncio.to_thread(requests.build_request, segment, remote.info)
    return RenderRequest(
        **row.model_dump(include={"prompt", "seed", "instrumental", "lyrics", "title", "loop"}),
        duration_seconds=segment.grid.duration_seconds if segment else float(row.duration_seconds),
        style_tags=tuple(row.style_tags),
        continue_from=await _load_continuation(services, row),
        segment=segment,
        controls=controls.from_json(row.controls),
        source=sources.from_json(row.source),
    )


async def render(services: WorkerServices, row: Generation, workspace: Path, monitor: ProgressMonitor) -> Rendering:
    """Render into the folder ``audio`` of the workspace. The same row gives the same samples."""
    request = await build_request(services, row)
    previous = await load_previous(services, row, workspace)
    audio = workspace / "audio"
    audio.mkdir()
    # in the thread, because loading an engine takes time
    result = await asyncio.to_thread(lambda: services.engines.load(row.engine).render(request, audio, monitor))
    return Rendering(result, request.segment, previous)


async def _load_continuation(services: WorkerServices, row: Generation) -> Continuation | None:
    if row.seed_track_id is None or row.source is not None:
        return None
    async with services.database.transaction() as session:
        track = await session.get(Track, row.seed_track_id)
    return Continuation(track.continuation) if track and track.continuation else None


async def load_previous(services: WorkerServices, job: Generation, workspace: Path) -> PreviousSegment | None:
    """Load the segment before this one and download its master. Return None for the first segment."""
    if not job.segment_index:
        return None
    async with services.database.transaction() as session:
        ready = await focus.list_ready_segments(session, [str(job.session_id)])
        earlier = [(other, track) for other, track in ready if (other.segment_index or 0) < job.segment_index]
        files = await tracks.list_files(session, [earlier[-1][1].id])
    grids = [scheduling.segment_from_row(other).grid for other, _ in earlier]
    masters = [file for file in files if file.role is FileRole.MASTER]
    try:
        master = await track_files.download(services.blobs, masters[0], workspace / "before.mp3")
    except (BlobNotFound, IndexError):
        master = None
    return PreviousSegment(master, grids[-1], sum(map(scheduling.stride_seconds, grids[:-1])))


def build_track(row: Generation, result: RenderResult, engine: EngineInfo) -> Track:
    """Build the track. It keeps the engine's present licence, also if the engine's licence changes later."""
    return Track(
        **row.model_dump(include={"organization_id", "user_id", "mode", "seed"}),
        **asdict(result.facts),
        id=ids.new(ids.Kind.TRACK),
        generation_id=row.id,
        title=result.title,
        engine=engine.key,
        engine_version=engine.version,
        instrumental=not engine.supports_vocals or row.instrumental,
        measured_duration_seconds=round(result.master.frames / SAMPLE_RATE, 3),
        chords=list(map(asdict, result.score.chords)),
        sections=list(map(asdict, result.score.sections)),
        report=_build_report(row, result.report, engine) if result.report else {},
        palette=list(result.palette),
        continuation=dict(result.continuation.data) if result.continuation else None,
        licence_class=engine.licence.licence_class,
        licence_version=engine.licence.version,
        commercial_use=engine.licence.commercial_use,
        requires_attribution=engine.licence.requires_attribution,
    )


def _build_report(row: Generation, report: Report, engine: EngineInfo) -> dict[str, object]:
    """Return the report as JSON, with what the engine did with each field of the request.

    A segment has none: its request is that of its focus session.
    """
    if row.session_id is not None:
        return report.as_json()
    fields = support.requested_fields(row.model_dump(), controls.from_json(row.controls))
    return replace(report, field_support=engine.capabilities.supports_of(fields)).as_json()


def build_metadata(
    track: Track, prompt: str, engine: EngineInfo, creator: str, *, embeds_prompt: bool
) -> TrackMetadata:
    """Build the metadata that is embedded in the track's files. ``creator`` is the organization's name.

    With ``embeds_prompt`` the files contain the prompt itself.
    """
    copied = {"title", "engine_version", "licence_class", "licence_version", "requires_attribution"}
    measured = {"tempo_bpm", "key", "style", "loudness_lufs", "true_peak_dbtp"}
    return TrackMetadata(
        **track.model_dump(include=copied | measured),
        track_id=track.id,
        creator=creator,
        engine=engine.name,
        source_type=engine.source_type,
        prompt_sha256=hash_prompt(prompt),
        prompt=prompt if embeds_prompt else None,
        made_at=clock.iso(track.created_at),
        attribution=engine.licence.attribution or None,
    )
