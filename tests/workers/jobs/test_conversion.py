"""Conversions: created once, with unchanged samples, and not for deleted tracks."""

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
from server.cli import signing_keys
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.queries import conversions as rows
from storage.redis.rate_limits import RateLimiter
from storage.tables import Conversion, ConversionStatus, FileRole, Role, Track, TrackFile
from tests.support.jobs import instant_engine
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.progress import JobMonitor, StopReason
from workers.services import WorkerServices, connect

pytestmark = pytest.mark.usefixtures("no_server")

Act = Callable[[RenderRequest], None]


@dataclass(frozen=True, slots=True)
class Parted(instant_engine.InstantEngine):
    """An instant engine with two stems, both equal to the master."""

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """See Engine."""
        rendering = instant_engine.InstantEngine.render(self, request, workspace, monitor)
        return replace(rendering, stems={"bass": rendering.master, "drums": rendering.master})


@dataclass(frozen=True, slots=True)
class ConversionSetup:
    """A user with a track, and the services of a worker."""

    ctx: Context
    services: WorkerServices
    blobs: LocalBlobs
    track_id: str

    async def list_downloads(self) -> dict[Format, Download]:
        """Return all downloads except single stems, by format."""
        found = await downloads.list_downloads(self.ctx, await tracks.get(self.ctx, self.track_id))
        return {download.format: download for download in found if download.format is not Format.STEM}

    async def convert(self, target: Format) -> Path:
        """Convert to a format that is not ready, and download the file."""
        assert not (await downloads.prepare(self.ctx, self.track_id, target)).file
        assert await run(self.services)
        return await self.download((await downloads.prepare(self.ctx, self.track_id, target)).file)

    async def download(self, file: TrackFile | None) -> Path:
        """Download a stored file."""
        assert file is not None
        path = self.services.settings.data_dir / f"fetched{Path(file.blob_key).suffix}"
        path.write_bytes(b"".join([block async for block in self.blobs.read(file.blob_key)]))
        assert path.stat().st_size == file.size_bytes
        return path

    async def file(self, role: FileRole) -> TrackFile | None:
        statement = select(TrackFile).where(col(TrackFile.track_id) == self.track_id, col(TrackFile.role) == role)
        async with self.ctx.services.database.transaction() as session:
            return await session.scalar(statement)

    async def conversion(self, target: Format) -> Conversion:
        async with self.ctx.services.database.transaction() as session:
            return await session.get_one(Conversion, (self.track_id, target))

    async def rename(self, title: str) -> None:
        await tracks.update(self.ctx, self.track_id, Unvalidated(UpdateTrack, {"title": title}))

    async def make_older(self, **changes: object) -> None:
        """Remove the metadata and the lossless master, as in tracks of earlier versions."""
        async with self.ctx.services.database.transaction() as session:
            await session.execute(text("UPDATE tracks SET papers = NULL"))
            await session.execute(text("DELETE FROM track_files WHERE role = 'lossless'"))
            if changes:
                await session.execute(update(Track).values(**changes))


@asynccontextmanager
async def open_setup(settings: Settings, cast: Cast, act: Act = lambda _: None) -> AsyncIterator[ConversionSetup]:
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
        yield ConversionSetup(ctx, services, blobs, made.id)
        await limiter.close()


@pytest.fixture
def isolated_settings(settings: Settings, quiet_redis_url: str, tmp_path: Path) -> Settings:
    """Settings with a queue without workers, and leases that are long enough for slow machines."""
    workers = WorkerSettings(lease_seconds=300, heartbeat_seconds=0.1)
    return settings.model_copy(update={"redis_url": quiet_redis_url, "workers": workers, "data_dir": tmp_path})


def sound(path: Path) -> bytes:
    samples: bytes = soundfile.read(path, dtype="int32")[0].tobytes()
    return samples


async def test_files_of_the_track_are_ready_and_other_formats_are_available(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        found = await here.list_downloads()
        assert {target: download.file is not None for target, download in found.items()} == {
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


async def test_the_lossless_master_has_the_rendered_samples_and_metadata(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        path = await here.download((await here.list_downloads())[Format.FLAC].file)
        decoded, _ = soundfile.read(path, dtype="float32")
        assert np.abs(decoded - instant_engine.tone(0, 1.0)).max() <= 2**-23
        tag = TinyTag.get(path, image=True)
        assert (tag.title, tag.artist) == ("Quick", "First")
        assert tag.images.front_cover is not None


async def test_a_wav_has_the_samples_of_the_lossless_master(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        flac = sound(await here.download((await here.list_downloads())[Format.FLAC].file))
        path = await here.convert(Format.WAV)
        assert sound(path) == flac
        assert soundfile.info(path).subtype == "PCM_24"
        assert TinyTag.get(path).title == "Quick"


async def test_a_finished_conversion_appends_an_event_to_the_feed_of_its_user(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        feed = activity.feed_name(cast.ada.organization_id, cast.ada.user_id)
        before = await here.services.events.newest_sequence(feed)
        await here.convert(Format.WAV)
        [event] = await here.services.events.since(feed, before)
        assert (event.fields["kind"], event.fields["id"]) == ("track", here.track_id)


async def test_repeated_requests_run_one_conversion(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        for _ in range(3):
            await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert await run(here.services)
        assert not await run(here.services)
        first = (await here.list_downloads())[Format.WAV].file
        assert first is not None
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert not await run(here.services)


async def test_stems_are_available_singly_and_as_zip_with_metadata(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        single = await downloads.prepare(here.ctx, here.track_id, Format.STEM, "bass")
        path = await here.download(single.file)
        assert (TinyTag.get(path).title, single.file_name) == ("Quick - bass", "Quick - bass.flac")
        stem = sound(path)
        with zipfile.ZipFile(await here.convert(Format.STEMS)) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["bass.flac", "drums.flac"]
            assert soundfile.read(io.BytesIO(archive.read("bass.flac")), dtype="int32")[0].tobytes() == stem


async def test_a_new_title_is_written_to_every_format(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        made = await here.list_downloads()
        before = {target: sound(await here.download(made[target].file)) for target in (Format.MP3, Format.FLAC)}
        await here.convert(Format.WAV)
        await here.rename("Night Desk")
        assert [target for target, download in (await here.list_downloads()).items() if download.file is None] == [
            Format.MP3,
            Format.FLAC,
            Format.WAV,
            Format.STEMS,
        ]
        for target, samples in before.items():
            path = await here.convert(target)
            assert TinyTag.get(path).title == "Night Desk"
            assert sound(path) == samples
        await here.rename("Quick")
        again = (await here.list_downloads())[Format.MP3].file
        assert again is not None
        assert again.role is FileRole.MASTER


async def test_a_title_that_changes_during_a_conversion_is_used(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        async with here.ctx.services.database.transaction() as session:
            lost = await rows.claim(session, timedelta(seconds=60))
        assert lost is not None
        await here.rename("Night Desk")
        path = await here.convert(Format.WAV)
        assert TinyTag.get(path).title == "Night Desk"
        async with here.ctx.services.database.transaction() as session:
            assert not await rows.finish(session, lost, None)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_a_deleted_track_is_not_converted(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        track = await tracks.delete(here.ctx, here.track_id)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.FAILED
        assert await here.file(FileRole.DOWNLOAD) is None
        assert await downloads.list_downloads(here.ctx, track) == []
        with pytest.raises(NotFound):
            await downloads.prepare(here.ctx, here.track_id, Format.MP3)


async def test_an_older_track_gets_metadata_and_is_rendered_again_losslessly(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await here.make_older()
        assert (await here.list_downloads())[Format.MP3].file is None
        mp3 = await here.convert(Format.MP3)
        assert (TinyTag.get(mp3).title, TinyTag.get(mp3).artist) == ("Quick", "First")
        decoded, _ = soundfile.read(await here.convert(Format.FLAC), dtype="float32")
        assert np.abs(decoded - instant_engine.tone(0, 1.0)).max() <= 2**-23


async def test_lossless_formats_are_unavailable_if_the_engine_version_changed(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await here.make_older(engine_version="0.9")
        assert {Format.FLAC, Format.WAV} & (await here.list_downloads()).keys() == set()
        with pytest.raises(NotFound, match=r"^File of the music track not found$"):
            await downloads.prepare(here.ctx, here.track_id, Format.FLAC)


async def test_a_second_render_with_different_samples_is_rejected(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await here.make_older()
        async with here.ctx.services.database.transaction() as session:
            await session.execute(text("UPDATE generations SET duration_seconds = 2"))
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert await run(here.services)
        with pytest.raises(Unavailable, match=r"^The file could not be made$") as refusal:
            await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        assert 200 < refusal.value.retry_after <= 300


async def test_a_failing_conversion_is_tried_three_times(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        lossless = await here.file(FileRole.LOSSLESS)
        assert lossless is not None
        (isolated_settings.storage_dir / lossless.blob_key).write_bytes(b"fLaC but no more")
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        for attempts in (1, 2, 3):
            async with here.ctx.services.database.transaction() as session:
                assert (await rows.count_due(session)).total == 1
            assert await run(here.services)
            assert (await here.conversion(Format.WAV)).attempts == attempts
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.FAILED
        assert not await run(here.services)


async def test_an_unavailable_blob_store_delays_a_conversion_without_counting_an_attempt(
    isolated_settings: Settings, cast: Cast
) -> None:
    workers = isolated_settings.workers.model_copy(update={"retry_seconds": 0.001})
    async with open_setup(isolated_settings.model_copy(update={"workers": workers}), cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        away = isolated_settings.storage_dir.rename(isolated_settings.storage_dir.with_name("away"))
        assert await run(here.services)
        away.rename(isolated_settings.storage_dir)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.WAITING, 0)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_the_conversion_of_a_killed_worker_is_claimed_again(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        async with here.ctx.services.database.transaction() as session:
            killed = await rows.claim(session, timedelta(seconds=-1))
        assert await run(here.services)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.DONE, 2)
        assert killed is not None
        async with here.ctx.services.database.transaction() as session:
            assert not await rows.renew_lease(session, killed, timedelta(seconds=60))


async def test_a_stopped_worker_requeues_its_conversion_without_counting_an_attempt(
    isolated_settings: Settings, cast: Cast
) -> None:
    async with open_setup(isolated_settings, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        monitor = JobMonitor()
        monitor.stop(StopReason.REQUEUED)
        assert await run(here.services, monitor)
        row = await here.conversion(Format.WAV)
        assert (row.status, row.attempts) == (ConversionStatus.WAITING, 0)
        assert await run(here.services)
        assert (await here.conversion(Format.WAV)).status is ConversionStatus.DONE


async def test_all_files_are_signed_if_c2pa_is_configured(
    isolated_settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    c2pa = pytest.importorskip("c2pa", reason="the extra [c2pa] is not installed")
    chain, key = signing_keys.create_certificates(tmp_path / "c2pa", "Tests")
    sealing = isolated_settings.model_copy(update={"c2pa": C2paSettings(chain_file=chain, key_file=key)})
    async with open_setup(sealing, cast) as here:
        found = await here.list_downloads()
        paths = [await here.download(found[target].file) for target in (Format.MP3, Format.FLAC)]
        for path in [*paths, await here.convert(Format.WAV)]:
            with c2pa.Reader(path) as reader:
                assert json.loads(reader.json())["validation_state"] == "Valid"


async def test_only_stems_are_selected_by_part(isolated_settings: Settings, cast: Cast) -> None:
    async with open_setup(isolated_settings, cast) as here:
        for target, part in ((Format.STEM, None), (Format.STEM, "kazoo"), (Format.WAV, "bass")):
            with pytest.raises(NotFound, match=r"^File of the music track not found$"):
                await downloads.prepare(here.ctx, here.track_id, target, part)


async def test_the_conversions_of_an_organization_are_limited(isolated_settings: Settings, cast: Cast) -> None:
    narrow = isolated_settings.model_copy(
        update={"workers": isolated_settings.workers.model_copy(update={"max_conversions_per_organization": 1})}
    )
    async with open_setup(narrow, cast) as here:
        await downloads.prepare(here.ctx, here.track_id, Format.WAV)
        with pytest.raises(Unavailable):
            await downloads.prepare(here.ctx, here.track_id, Format.STEMS)
        assert await run(here.services)
        await downloads.prepare(here.ctx, here.track_id, Format.STEMS)
