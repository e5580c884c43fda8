"""Files that are made when somebody asks for them: once, of the very same sound, and nothing of what is gone."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import select, text, update
from sqlmodel import col
from tinytag import TinyTag

from core import activity
from core.errors import NotFound, Unavailable
from core.formats import Format
from core.settings import C2paSettings, Settings, WorkerSettings
from engines.port import ProgressMonitor, RenderRequest, RenderResult
from engines.registry import EngineRegistry, RegisteredEngine
from engines.studio.info import STUDIO_INFO
from resolvers.access import content_policy
from resolvers.access.context import Caller, Context, Services
from resolvers.access.validation import Unvalidated
from resolvers.generations import generations
from resolvers.generations.commands import CreateGeneration
from resolvers.library import downloads, tracks
from resolvers.library.commands import UpdateTrack
from resolvers.library.downloads import Download
from server.cli import c2pa_certificates
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.queries import conversions as rows
from storage.redis.rate_limits import RateLimiter
from storage.tables import Conversion, ConversionStatus, FileRole, Role, Track, TrackFile
from tests.support import instant_engine
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices, connect

Act = Callable[[RenderRequest], None]


@dataclass(frozen=True, slots=True)
class Parted(instant_engine.Quick):
    """The quick engine, with its master as its only two stems."""

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        rendering = instant_engine.Quick.render(self, request, workspace, monitor)
        return replace(rendering, stems={"bass": rendering.master, "drums": rendering.master})


@dataclass(frozen=True, slots=True)
class House:
    """Ada with a track, and a worker of one process."""

    ctx: Context
    services: WorkerServices
    blobs: LocalBlobs
    track_id: str

    async def all(self) -> dict[Format, Download]:
        """All downloads but single stems, by format."""
        found = await downloads.list_downloads(self.ctx, await tracks.get(self.ctx, self.track_id))
        return {one.format: one for one in found if one.format is not Format.STEM}

    async def made(self, wanted: Format) -> Path:
        """A file that has to be made, as a worker made it."""
        assert not (await downloads.prepare(self.ctx, self.track_id, wanted)).file
        assert await run(self.services)
        return await self.fetched((await downloads.prepare(self.ctx, self.track_id, wanted)).file)

    async def fetched(self, file: TrackFile | None) -> Path:
        """A stored file, on the disk."""
        assert file is not None
        path = self.services.settings.data_dir / f"fetched{Path(file.blob_key).suffix}"
        path.write_bytes(b"".join([block async for block in self.blobs.read(file.blob_key)]))
        assert path.stat().st_size == file.size_bytes
        return path

    async def file(self, role: FileRole) -> TrackFile | None:
        """The track's file in this role."""
        statement = select(TrackFile).where(col(TrackFile.track_id) == self.track_id, col(TrackFile.role) == role)
        async with self.ctx.services.database.transaction() as session:
            return await session.scalar(statement)

    async def conversion(self, wanted: Format) -> Conversion:
        """What became of a request."""
        async with self.ctx.services.database.transaction() as session:
            return await session.get_one(Conversion, (self.track_id, wanted))

    async def rename(self, title: str) -> None:
        """As updateTrack does."""
        await tracks.update(self.ctx, self.track_id, Unvalidated(UpdateTrack, {"title": title}))

    async def grow_old(self, **changes: object) -> None:
        """The track as it was before there were papers and lossless masters."""
        async with self.ctx.services.database.transaction() as session:
            await session.execute(text("UPDATE tracks SET papers = NULL"))
            await session.execute(text("DELETE FROM track_files WHERE role = 'lossless'"))
            if changes:
                await session.execute(update(Track).values(**changes))


@asynccontextmanager
async def house(settings: Settings, cast: Cast, act: Act = lambda _: None) -> AsyncIterator[House]:
    registry = EngineRegistry(
        installed={STUDIO_INFO.key: RegisteredEngine(STUDIO_INFO, lambda: Parted(act), instant_engine.plan)}
    )
    async with connect(settings, registry) as services:
        blobs = LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"k"))
        limiter = RateLimiter(str(settings.redis_url))
        shared = (services.database, blobs, services.queue, services.events, limiter, services.engines)
        parts = Services(*shared, content_policy.load(), settings)
        ctx = Context(parts, Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER}))
        request = Unvalidated(CreateGeneration, {"engine": "studio", "prompt": "x", "duration_seconds": 1})
        job, _ = await generations.create(ctx, cast.ada.organization_id, request)
        await run(services)
        made = (await tracks.find_by_generations(ctx, [job.id]))[job.id]
        yield House(ctx, services, blobs, made.id)
        await limiter.close()


@pytest.fixture
def alone(settings: Settings, quiet_redis_url: str, tmp_path: Path) -> Settings:
    """Settings whose wake-ups nobody hears, and whose claims last on a slow machine, too."""
    workers = WorkerSettings(lease_seconds=300, heartbeat_seconds=0.1)
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers, "data_dir": tmp_path})


def sound(path: Path) -> bytes:
    samples: bytes = soundfile.read(path, dtype="int32")[0].tobytes()
    return samples


async def test_what_was_made_with_the_track_is_ready_and_the_rest_is_on_offer(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        found = await here.all()
        assert {wanted: one.file is not None for wanted, one in found.items()} == {
            Format.MP3: True,
            Format.FLAC: True,
            Format.WAV: False,
            Format.STEMS: False,
            Format.MIDI: True,
            Format.WAVEFORM: True,
            Format.COVER: True,
        }
        assert found[Format.WAV].file_name == "Quick.wav"
        assert found[Format.STEMS].file_name == "Quick - stems.zip"
        assert not await run(here.services)


async def test_the_lossless_master_is_what_the_engine_gave_with_its_papers(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        path = await here.fetched((await here.all())[Format.FLAC].file)
        decoded, _ = soundfile.read(path, dtype="float32")
        assert np.abs(decoded - instant_engine.tone(0, 1.0)).max() <= 2**-23
        told = TinyTag.get(path, image=True)
        assert (told.title, told.artist) == ("Quick", "First")
        assert told.images.front_cover is not None


async def test_a_wav_has_the_samples_of_the_lossless_master(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        flac = sound(await here.fetched((await here.all())[Format.FLAC].file))
        path = await here.made(Format.WAV)
        assert sound(path) == flac
        assert soundfile.info(path).subtype == "PCM_24"
        assert TinyTag.get(path).title == "Quick"


async def test_whoever_asked_is_told_when_it_is_there(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        feed = activity.feed_name(cast.ada.organization_id, cast.ada.user_id)
        before = await here.services.events.newest_sequence(feed)
        await here.made(Format.WAV)
        [event] = await here.services.events.since(feed, before)
        assert (event.fields["kind"], event.fields["id"]) == ("track", here.track_id)


async def test_a_file_is_made_once_for_all_who_ask(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        for _ in range(3):
            await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert await run(here.services)
        assert not await run(here.services)
        first = (await here.all())[Format.WAV].file
        assert first is not None
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert not await run(here.services)


async def test_stems_come_singly_and_in_a_zip_with_papers_of_their_own(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        single = await downloads.prepare(here.ctx, here.track_id, Format.STEM, "bass")
        path = await here.fetched(single.file)
        assert (TinyTag.get(path).title, single.file_name) == ("Quick - bass", "Quick - bass.flac")
        stem = sound(path)
        with zipfile.ZipFile(await here.made(Format.STEMS)) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["bass.flac", "drums.flac"]
            assert soundfile.read(io.BytesIO(archive.read("bass.flac")), dtype="int32")[0].tobytes() == stem


async def test_after_another_title_every_file_is_made_anew_under_it(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        made = await here.all()
        before = {wanted: sound(await here.fetched(made[wanted].file)) for wanted in (Format.MP3, Format.FLAC)}
        await here.made(Format.WAV)
        await here.rename("Night Desk")
        assert [wanted for wanted, one in (await here.all()).items() if one.file is None] == [
            Format.MP3,
            Format.FLAC,
            Format.WAV,
            Format.STEMS,
        ]
        for wanted, samples in before.items():
            path = await here.made(wanted)
            assert TinyTag.get(path).title == "Night Desk"
            assert sound(path) == samples
        await here.rename("Quick")
        again = (await here.all())[Format.MP3].file
        assert again is not None
        assert again.role is FileRole.MASTER


async def test_a_title_that_changes_while_a_file_is_made_is_not_missed(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        async with here.ctx.services.database.transaction() as session:
            lost = await rows.claim(session, timedelta(seconds=60))
        assert lost is not None
        await here.rename("Night Desk")
        path = await here.made(Format.WAV)
        assert TinyTag.get(path).title == "Night Desk"
        async with here.ctx.services.database.transaction() as session:
            assert not await rows.finish(session, lost, None)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_nothing_is_made_of_a_track_that_was_deleted(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        track = await tracks.delete(here.ctx, here.track_id)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.FAILED
        assert await here.file(FileRole.DOWNLOAD) is None
        assert await downloads.list_downloads(here.ctx, track) == []
        with pytest.raises(NotFound):
            await downloads.prepare(here.ctx, here.track_id, Format.MP3)


async def test_an_older_track_gets_its_papers_and_its_master_is_played_again(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await here.grow_old()
        assert (await here.all())[Format.MP3].file is None
        mp3 = await here.made(Format.MP3)
        assert (TinyTag.get(mp3).title, TinyTag.get(mp3).artist) == ("Quick", "First")
        decoded, _ = soundfile.read(await here.made(Format.FLAC), dtype="float32")
        assert np.abs(decoded - instant_engine.tone(0, 1.0)).max() <= 2**-23


async def test_a_master_that_another_version_played_cannot_be_had(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await here.grow_old(engine_version="0.9")
        assert {Format.FLAC, Format.WAV} & (await here.all()).keys() == set()
        with pytest.raises(NotFound, match=r"^File of the music track not found$"):
            await downloads.prepare(here.ctx, here.track_id, Format.FLAC)


async def test_what_is_played_otherwise_the_second_time_is_nobodys_master(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await here.grow_old()
        async with here.ctx.services.database.transaction() as session:
            await session.execute(text("UPDATE generations SET duration_seconds = 2"))
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert await run(here.services)
        with pytest.raises(Unavailable, match=r"^The file could not be made$") as refusal:
            await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert 200 < refusal.value.retry_after <= 300


async def test_a_file_that_breaks_is_tried_three_times_and_is_due_until_then(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        lossless = await here.file(FileRole.LOSSLESS)
        assert lossless is not None
        (alone.storage_dir / lossless.blob_key).write_bytes(b"fLaC but no more")
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        for attempts in (1, 2, 3):
            async with here.ctx.services.database.transaction() as session:
                assert await rows.count_due(session) == 1
            assert await run(here.services)
            assert (await here.conversion(Format.WAV)).attempts == attempts
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.FAILED
        assert not await run(here.services)


async def test_a_storage_that_is_away_delays_a_file_and_costs_no_attempt(alone: Settings, cast: Cast) -> None:
    workers = alone.workers.model_copy(update={"retry_seconds": 0.001})
    async with house(alone.model_copy(update={"workers": workers}), cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        away = alone.storage_dir.rename(alone.storage_dir.with_name("away"))
        assert await run(here.services)
        away.rename(alone.storage_dir)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.WAITING, 0)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_a_file_whose_worker_was_killed_is_made_by_another(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        async with here.ctx.services.database.transaction() as session:
            killed = await rows.claim(session, timedelta(seconds=-1))
        assert await run(here.services)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.DONE, 2)
        assert killed is not None
        async with here.ctx.services.database.transaction() as session:
            assert not await rows.renew_lease(session, killed, timedelta(seconds=60))


async def test_a_worker_that_is_stopped_hands_the_file_back_without_a_mark(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        monitor = JobMonitor()
        monitor.stop(StopReason.REQUEUED)
        assert await run(here.services, monitor)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.WAITING, 0)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_an_installation_that_seals_seals_what_it_makes_with_a_track_and_later(
    alone: Settings, cast: Cast, tmp_path: Path
) -> None:
    c2pa = pytest.importorskip("c2pa", reason="the extra [c2pa] is not installed")
    chain, key = c2pa_certificates.create(tmp_path / "c2pa", "Tests")
    sealing = alone.model_copy(update={"c2pa": C2paSettings(chain_file=chain, key_file=key)})
    async with house(sealing, cast) as here:
        paths = [await here.fetched((await here.all())[wanted].file) for wanted in (Format.MP3, Format.FLAC)]
        for path in [*paths, await here.made(Format.WAV)]:
            with c2pa.Reader(path) as reader:
                assert json.loads(reader.json())["validation_state"] == "Valid"


async def test_one_stem_is_named_and_nothing_else_is(alone: Settings, cast: Cast) -> None:
    async with house(alone, cast) as here:
        for wanted, part in ((Format.STEM, None), (Format.STEM, "kazoo"), (Format.WAV, "bass")):
            with pytest.raises(NotFound, match=r"^File of the music track not found$"):
                await downloads.prepare(here.ctx, here.track_id, wanted, part)


async def test_no_organization_fills_the_queue(alone: Settings, cast: Cast) -> None:
    narrow = alone.model_copy(
        update={"workers": alone.workers.model_copy(update={"max_conversions_per_organization": 1})}
    )
    async with house(narrow, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        with pytest.raises(Unavailable):
            await downloads.prepare(here.ctx, here.track_id, Format.STEMS)
        assert await run(here.services)
        await downloads.prepare(here.ctx, here.track_id, Format.STEMS)
