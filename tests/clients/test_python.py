"""The Python client, blocking and for asyncio, against a live server and worker."""

import asyncio
import io
from decimal import Decimal
from pathlib import Path

import pytest
import soundfile
from music_studio_client import (
    AsyncMusicStudio,
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    GenerationEndedError,
    InvalidInputError,
    MusicStudio,
    NotFoundError,
    StudioError,
)
from music_studio_client.models import (
    DownloadFormat,
    FocusGoal,
    LicenceClass,
    RightsBasis,
    SourceInput,
    SourceTask,
    UsageWindow,
    WebhookEvent,
)

from tests.support.processes.tcp_relay import relaying
from tests.support.remote.tone_files import tone_wav
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")

PROMPT = "solo piano, 70 bpm, no drums"


async def test_a_track_is_made_downloaded_and_organized(server_url: str, cast: Cast, tmp_path: Path) -> None:
    async with AsyncMusicStudio(server_url, cast.ada.key) as studio:
        reading = await studio.generations.explain(PROMPT)
        assert reading is not None
        assert (reading.tempo_bpm, reading.instruments.excluded) == (70, ["Drums"])

        generation = await studio.generations.create(PROMPT, duration_seconds=5, seed=7, exclude=["drums"])
        progress: list[int] = []
        track = await studio.generations.wait(generation.id, lambda state: progress.append(state.progress))
        assert progress == sorted(progress)
        assert progress[-1] == 100
        assert (track.seed, track.tempo_bpm, track.licence.commercial_use) == (7, 70, True)
        assert [each.id async for each in studio.generations.list()] == [generation.id]
        found = (await studio.generations.get(generation.id)).track
        assert found is not None
        assert (found.id, found.report) == (track.id, track.report)

        mp3 = await studio.tracks.download(track.id, tmp_path)
        wav = await studio.tracks.download(track.id, tmp_path / "own name.wav", DownloadFormat.WAV)
        assert mp3.suffix == ".mp3"
        assert mp3.parent == wav.parent == tmp_path
        assert soundfile.info(io.BytesIO(wav.read_bytes())).duration == pytest.approx(5, abs=0.01)

        await studio.library.save(track.id)
        await studio.library.tag(track.id, ["evening"])
        await studio.library.favour(track.id)
        await studio.tracks.rename(track.id, "Low Tide")
        [entry] = [entry async for entry in studio.library.list("tide", tags=["evening"], is_favourite=True)]
        assert entry.track is not None
        assert (entry.track.title, entry.is_favourite, entry.tags) == ("Low Tide", True, ["evening"])

        collection = await studio.collections.create("Evenings")
        await studio.collections.add(collection.id, track.id)
        assert [each.title async for each in studio.collections.tracks(collection.id)] == ["Low Tide"]
        shared = await studio.shares.share_track(track.id, expires_in_days=1)
        assert shared.url.startswith(server_url)
        assert not (await studio.shares.revoke(shared.link.id)).is_active

        await studio.tracks.delete(track.id)
        with pytest.raises(NotFoundError):
            await studio.tracks.get(track.id)


def test_the_blocking_client_has_the_same_methods(server_url: str, cast: Cast, tmp_path: Path) -> None:
    with MusicStudio(server_url, cast.cid.key) as studio:
        assert studio.account.viewer().name == "Cid"
        assert [engine.key for engine in studio.account.engines() if engine.is_default] == ["studio"]
        assert studio.account.quote(90).cost_chf == Decimal("0.3")
        with pytest.raises(InvalidInputError, match="durationSeconds: Must be at most 600"):
            studio.account.quote(601)
        generation = studio.generations.create(PROMPT, duration_seconds=5, idempotency_key="once")
        assert studio.generations.create(PROMPT, duration_seconds=5, idempotency_key="once").id == generation.id
        with pytest.raises(ConflictError):
            studio.generations.create("something else", idempotency_key="once")
        track = studio.generations.wait(generation.id)
        path = studio.tracks.download(track.id, tmp_path / "score.mid", DownloadFormat.MIDI)
        assert path.read_bytes().startswith(b"MThd")
        [day] = [usage for usage in studio.account.usage().usage or [] if usage.window is UsageWindow.DAY]
        assert (day.limit_chf, [(each.engine, each.track_count) for each in day.by_engine]) == (None, [("studio", 1)])

        created = studio.webhooks.create("https://example.com/hook", [WebhookEvent.GENERATION_SUCCEEDED])
        assert [webhook.id for webhook in studio.webhooks.list()] == [created.webhook.id]
        studio.webhooks.delete(created.webhook.id)


async def test_a_focus_session_is_followed_and_ended(server_url: str, cast: Cast) -> None:
    async with AsyncMusicStudio(server_url, cast.ada.key) as studio:
        session = await studio.focus.start(FocusGoal.SLEEP, minutes=5)
        async for update in studio.focus.watch(session.id):
            if update.new_segments:
                break
        assert update.new_segments[0].index == 0
        await studio.focus.end(session.id)
        assert (await studio.focus.get(session.id)).status.value == "ENDED"


async def test_updates_go_on_after_an_interruption(server_url: str, cast: Cast) -> None:
    async with AsyncMusicStudio(server_url, cast.ada.key) as studio:
        generation = await studio.generations.create(PROMPT, duration_seconds=5)
    async with (
        relaying(server_url, interruptions=2) as relay,
        AsyncMusicStudio(relay.url, cast.ada.key) as distant,
    ):
        assert (await distant.generations.wait(generation.id)).tempo_bpm == 70
    assert relay.connection_count == 3


async def test_errors_are_exceptions_with_their_details(server_url: str, cast: Cast) -> None:
    async with AsyncMusicStudio(server_url, cast.ada.key) as studio:
        with pytest.raises(InvalidInputError) as invalid:
            await studio.generations.create(PROMPT, duration_seconds=0)
        assert [problem.path for problem in invalid.value.problems] == [("durationSeconds",)]
        with pytest.raises(NotFoundError, match="There is no track trk_unknown"):
            await studio.tracks.get("trk_unknown")
        generation = await studio.generations.create(PROMPT, duration_seconds=600)
        waiting = asyncio.create_task(studio.generations.wait(generation.id))
        await studio.generations.cancel(generation.id)
        with pytest.raises(GenerationEndedError) as ended:
            await waiting
        assert ended.value.status == "cancelled"
    async with AsyncMusicStudio(server_url, "msk_invalid") as stranger:
        with pytest.raises(AuthenticationError):
            await stranger.account.viewer()
        with pytest.raises(AuthenticationError):
            await stranger.generations.wait(generation.id)


async def test_an_unreachable_server_and_another_server_are_named(unused_tcp_port: int, server_url: str) -> None:
    async with AsyncMusicStudio(f"http://127.0.0.1:{unused_tcp_port}", "key") as studio:
        with pytest.raises(
            ConnectionFailedError, match=f"The server http://127.0.0.1:{unused_tcp_port} does not answer"
        ):
            await studio.account.viewer()
    async with AsyncMusicStudio(f"{server_url}/elsewhere", "key") as studio:
        with pytest.raises(StudioError):
            await studio.account.viewer()


def test_a_recording_is_declared_uploaded_listed_and_deleted(server_url: str, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "demo.wav"
    file.write_bytes(tone_wav(1.5))
    with MusicStudio(server_url, cast.ada.key) as studio:
        uploaded = studio.reference_audios.upload(
            file, RightsBasis.LICENSED, statement="CC BY, by Bob", licence_class=LicenceClass.PERSONAL_ONLY
        )
        assert (uploaded.name, uploaded.duration_seconds, uploaded.upload_url) == ("demo.wav", 1.5, None)
        assert [each.id for each in studio.reference_audios.list()] == [uploaded.id]
        source = SourceInput(task=SourceTask.COVER, referenceAudioId=uploaded.id)
        with pytest.raises(InvalidInputError, match="The engine studio does not support this field"):
            studio.generations.create("jazz", duration_seconds=2, source=source)
        studio.reference_audios.delete(uploaded.id)
        with pytest.raises(NotFoundError):
            studio.reference_audios.get(uploaded.id)
        file.write_bytes(b"no audio")
        with pytest.raises(InvalidInputError, match="not audio in MP3"):
            studio.reference_audios.upload(file, RightsBasis.OWN_WORK)
