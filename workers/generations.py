"""The generation pipeline: claim, render, encode, store, and one transaction that makes it true."""

import asyncio
import logging
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

from core import clock, ids, logs
from core.errors import Refusal
from core.jobs import Status
from core.settings import Settings
from engines.port import SAMPLE_RATE, Cancelled, Continuation, Rendering, RenderRequest
from engines.registry import Registry
from resolvers.generations import event
from storage import generations, tracks
from storage.tables import Generation, Track, TrackFile
from workers import files
from workers.monitors import JobMonitor, Span, Stop
from workers.services import WorkerServices, connect

log = logging.getLogger(__name__)

HAND_BACK: Final = signal.SIGUSR1
"""Tells a rendering to give its job back at its next checkpoint."""

_RENDERED: Final = 0.80
_ENCODED: Final = 0.95
"""Shares of the work, as measured on 60 s tracks: render, then encode, then store."""

_FAILED: Final = "The music could not be made. You were not charged. Please try again."


@cache
def registry() -> Registry:
    """The engines of this process; the worker loads them before it forks."""
    settings = Settings().engines
    return Registry(settings.enabled, settings.default)


def render(generation_id: str) -> None:
    """RQ's entry: do what the row says, if no other worker holds it."""
    logs.trace_id.set(generation_id)
    asyncio.run(_render(generation_id))


async def _render(generation_id: str) -> None:
    async with connect(Settings(), registry()) as services:
        await run(services, generation_id)


async def run(services: WorkerServices, generation_id: str) -> None:
    """Claim the job and bring it as far as it goes; returns at once when it cannot be claimed."""
    lease = timedelta(seconds=services.settings.workers.lease_seconds)
    async with services.database.transaction() as session:
        row = await generations.claim(session, generation_id, clock.now(), lease)
    if row is None:
        return
    await services.events.publish(event(row))
    await _Job(services, row, await _continuation(services, row), JobMonitor()).run()


async def _continuation(services: WorkerServices, row: Generation) -> Continuation | None:
    """What the track to continue from left for its successor."""
    if row.seed_track_id is None:
        return None
    async with services.database.transaction() as session:
        track = await session.get(Track, row.seed_track_id)
    return Continuation(track.continuation) if track and track.continuation else None


@dataclass(frozen=True, slots=True)
class _Job:
    """One claim of one generation."""

    services: WorkerServices
    row: Generation
    continue_from: Continuation | None
    monitor: JobMonitor

    async def run(self) -> None:
        """Render and finish; whatever happens, the row tells it."""
        if self.row.attempts > self.services.settings.workers.max_attempts:
            await self._finish(Status.FAILED, _FAILED)
            return
        asyncio.get_running_loop().add_signal_handler(HAND_BACK, self.monitor.stop, Stop.HANDED_BACK)
        try:
            async with self._heartbeat():
                await self._make()
        except Cancelled:
            await self._stopped()
        except Exception as error:
            log.exception("rendering broke", extra={"job": self.row.id, "attempt": self.row.attempts})
            await self._broken(error)

    async def _make(self) -> None:
        scratch = self.services.settings.workers.scratch_dir
        with tempfile.TemporaryDirectory(prefix="music-studio-", dir=scratch, ignore_cleanup_errors=True) as folder:
            workspace = Path(folder)
            rendering = await asyncio.to_thread(self._render_audio, workspace)
            span = Span(self.monitor, _RENDERED, _ENCODED)
            encoded = await asyncio.to_thread(files.encode, rendering, workspace, span)
            stored = await files.store(self.services.blobs, encoded, Span(self.monitor, _ENCODED, 1))
        await self._succeed(rendering, stored)

    def _render_audio(self, workspace: Path) -> Rendering:
        audio = workspace / "audio"
        audio.mkdir()
        request = RenderRequest(
            prompt=self.row.prompt,
            duration_seconds=float(self.row.duration_seconds),
            seed=self.row.seed,
            style_tags=tuple(self.row.style_tags),
            instrumental=self.row.instrumental,
            lyrics=self.row.lyrics,
            title=self.row.title,
            loop=self.row.loop,
            continue_from=self.continue_from,
        )
        return self.services.engines.load(self.row.engine).render(request, audio, Span(self.monitor, 0, _RENDERED))

    async def _succeed(self, rendering: Rendering, stored: list[TrackFile]) -> None:
        """Track and success in one transaction, only under the number of this claim."""
        track = _track(self.row, rendering, self.services.engines)
        for file in stored:
            file.track_id = track.id
        async with self.services.database.transaction() as session:
            row = await generations.finish(session, self.row.id, self.row.fence, Status.SUCCEEDED, clock.now())
            if row is not None:
                await tracks.add(session, track, stored)
        await self._tell(row)

    async def _stopped(self) -> None:
        match self.monitor.stopped:
            case Stop.CANCELLED:
                await self._finish(Status.CANCELLED)
            case Stop.HANDED_BACK:
                await self._enqueue(await self._give_back(counts=False))
            case _:
                log.warning("job lost to another worker", extra={"job": self.row.id, "fence": self.row.fence})

    async def _broken(self, error: Exception) -> None:
        """A part that was away is nobody's fault: recovery asks again soon. Anything else counts, a few times over."""
        if isinstance(error, Refusal):
            await self._give_back(counts=False)
        elif self.row.attempts >= self.services.settings.workers.max_attempts:
            await self._finish(Status.FAILED, _FAILED)
        else:
            await self._enqueue(await self._give_back(counts=True))

    async def _finish(self, status: Status, error_message: str | None = None) -> None:
        async with self.services.database.transaction() as session:
            row = await generations.finish(session, self.row.id, self.row.fence, status, clock.now(), error_message)
        await self._tell(row)

    async def _give_back(self, *, counts: bool) -> Generation | None:
        async with self.services.database.transaction() as session:
            row = await generations.hand_back(session, self.row.id, self.row.fence, counts=counts)
        await self._tell(row)
        return row

    async def _enqueue(self, row: Generation | None) -> None:
        if row is not None:
            await self.services.queue.enqueue(row.id, row.fence)

    async def _tell(self, row: Generation | None) -> None:
        if row is None:
            log.warning("result of a lost claim thrown away", extra={"job": self.row.id, "fence": self.row.fence})
        else:
            await self.services.events.publish(event(row))

    @asynccontextmanager
    async def _heartbeat(self) -> AsyncIterator[None]:
        """Beat while the body runs; at its end no beat is in flight, so the last word is the body's."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _beat(self) -> None:
        """One statement writes progress, renews the lease and asks whether the job is still wanted."""
        settings = self.services.settings.workers
        while self.monitor.stopped is not Stop.LOST:
            await self.monitor.wait(settings.heartbeat_seconds)
            try:
                await self._advance(timedelta(seconds=settings.lease_seconds))
            except Refusal as refusal:
                log.warning("heartbeat missed", extra={"job": self.row.id, "reason": refusal.technical})
            await asyncio.sleep(settings.progress_seconds)

    async def _advance(self, lease: timedelta) -> None:
        progress, stage = self.monitor.percent, self.monitor.stage
        async with self.services.database.transaction() as session:
            row = await generations.advance(
                session, self.row.id, self.row.fence, progress=progress, stage=stage, now=clock.now(), lease=lease
            )
        if row is None:
            self.monitor.stop(Stop.LOST)
            return
        if row.cancel_requested_at is not None:
            self.monitor.stop(Stop.CANCELLED)
        await self.services.events.publish(event(row))


def _track(row: Generation, rendering: Rendering, engines: Registry) -> Track:
    """The track with its licence as it is today, for good."""
    card = engines.load(row.engine).card
    facts = rendering.facts
    return Track(
        id=ids.new(ids.Kind.TRACK),
        organization_id=row.organization_id,
        user_id=row.user_id,
        generation_id=row.id,
        title=rendering.title,
        engine=card.key,
        engine_version=card.version,
        mode=row.mode,
        seed=row.seed,
        instrumental=not card.supports_vocals or row.instrumental,
        measured_duration_seconds=round(rendering.master.frames / SAMPLE_RATE, 3),
        tempo_bpm=facts.tempo_bpm,
        key=facts.key,
        metre=facts.metre,
        style=facts.style,
        loudness_lufs=facts.loudness_lufs,
        true_peak_dbtp=facts.true_peak_dbtp,
        chords=[{"start_ms": c.start_ms, "end_ms": c.end_ms, "symbol": c.symbol} for c in rendering.score.chords],
        sections=[{"start_ms": s.start_ms, "end_ms": s.end_ms, "name": s.name} for s in rendering.score.sections],
        report=rendering.report.as_json() if rendering.report else {},
        palette=list(rendering.palette),
        continuation=dict(rendering.continuation.data) if rendering.continuation else None,
        licence_class=card.licence.licence_class,
        licence_version=card.licence.version,
        commercial_use=card.licence.commercial_use,
        requires_attribution=card.licence.requires_attribution,
    )
