"""Render the audio of a generation row."""

from pathlib import Path

from engines.focus_port import Segment
from engines.port import Continuation, ProgressMonitor, RenderRequest, RenderResult
from engines.registry import EngineRegistry
from storage.postgres.database import Database
from storage.tables import Generation, Track


async def load_continuation(database: Database, row: Generation) -> Continuation | None:
    """Load the continuation data of the seed track, if the job continues one."""
    if row.seed_track_id is None:
        return None
    async with database.transaction() as session:
        track = await session.get(Track, row.seed_track_id)
    return Continuation(track.continuation) if track and track.continuation else None


def render(
    engines: EngineRegistry,
    row: Generation,
    continue_from: Continuation | None,
    segment: Segment | None,
    workspace: Path,
    monitor: ProgressMonitor,
) -> RenderResult:
    """Render into the folder ``audio`` of the workspace. The same row gives the same samples."""
    audio = workspace / "audio"
    audio.mkdir()
    request = RenderRequest(
        prompt=row.prompt,
        duration_seconds=segment.grid.duration_seconds if segment else float(row.duration_seconds),
        seed=row.seed,
        style_tags=tuple(row.style_tags),
        instrumental=row.instrumental,
        lyrics=row.lyrics,
        title=row.title,
        loop=row.loop,
        continue_from=continue_from,
        segment=segment,
    )
    return engines.load(row.engine).render(request, audio, monitor)
