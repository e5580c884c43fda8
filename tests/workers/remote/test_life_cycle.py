"""Jobs of remote engines from submission to the track."""

import json
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from storage.blobs import content_hash
from storage.postgres.database import Database
from storage.queries import tracks
from storage.tables import FileRole, Generation, RemoteJob, RemotePhase, Track, TrackFile
from tests.support.jobs import worker_jobs
from tests.support.remote import peer as peers
from tests.support.remote.installation import RemoteInstallation, remote_installation
from tests.support.remote.peer import Fault, Peer
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("no_server")


async def load_track(database: Database, job: Generation) -> tuple[Track, dict[FileRole, TrackFile]]:
    """Load the only track of a job, and its files by role."""
    async with database.transaction() as session:
        [track] = (await session.scalars(select(Track).where(col(Track.generation_id) == job.id))).all()
        files = await tracks.list_files(session, [track.id])
    return track, {file.role: file for file in files}


async def load_remote_job(database: Database, job: Generation) -> RemoteJob | None:
    async with database.transaction() as session:
        return await session.get(RemoteJob, job.id)


async def test_a_job_is_parked_while_the_peer_works(studio: RemoteInstallation, peer: Peer) -> None:
    peer.states = [{"state": "queued", "position": 2}, {"state": "running", "fraction": 0.5}, {"state": "succeeded"}]
    job = await studio.submit(seed=7)
    row = await studio.step(job)
    assert (row.status, row.stage, row.progress, row.attempts, row.fence) == (Status.RUNNING, "waiting", 0, 0, 1)
    assert row.next_step_at == row.lease_expires_at
    remote = await load_remote_job(studio.database, job)
    assert remote is not None
    assert (remote.phase, remote.foreign_id) == (RemotePhase.WORKING, "job-1")
    assert remote.payload == {"prompt": "a slow tone", "seconds": 6.0, "seed": 7}
    assert [((row := await studio.step(job)).stage, row.progress) for _ in range(2)] == [
        ("waiting", 0),
        ("rendering", 40),
    ]
    row = await studio.step(job)
    assert (row.status, row.progress, row.fence, row.attempts) == (Status.SUCCEEDED, 100, 4, 1)
    assert row.next_step_at is None
    assert await load_remote_job(studio.database, job) is None
    assert [name for name, _ in peer.requests] == ["submit", "poll", "poll", "poll", "fetch"]
    assert await worker_jobs.sum_spending(studio.database, job) == Decimal("0.06")


async def test_the_original_file_is_kept_and_the_audio_is_measured(studio: RemoteInstallation, peer: Peer) -> None:
    peer.audio = peers.tone(rate=48_000)
    job = await studio.submit(title="Far away", tempo_bpm=None)
    await studio.finish(job)
    track, files = await load_track(studio.database, job)
    original = files[FileRole.ORIGINAL]
    stored = b"".join([block async for block in studio.services.blobs.read(original.blob_key)])
    assert stored == peer.audio
    assert (original.media_type, content_hash.suffix(original.blob_key)) == ("audio/wav", ".wav")
    assert set(files) == {FileRole.MASTER, FileRole.LOSSLESS, FileRole.WAVEFORM, FileRole.COVER, FileRole.ORIGINAL}
    assert (track.title, track.engine, track.engine_version, track.metre) == ("Far away", "distant", "3", None)
    assert track.measured_duration_seconds == peers.SECONDS
    assert track.tempo_bpm == pytest.approx(120, abs=1)
    assert track.key is not None
    assert track.loudness_lufs is not None
    assert -40 < track.loudness_lufs < -15
    assert track.report["tempo_bpm"] == {"requested": None, "delivered": 120.0, "measured": track.tempo_bpm}
    assert track.report["notes"] == [
        "The peer played a tone.",
        "This engine delivers neither stems nor a score.",
    ]


async def test_the_metadata_names_model_seed_request_and_terms(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    declaration = {
        "declared_on": date(2026, 11, 30),
        "licence_class": "personal_only",
        "plan": "Basic",
        "terms_url": "https://peer.example/terms",
        "requires_attribution": True,
        "attribution": "Made with Peer",
    }
    async with remote_installation(isolated_settings, database, cast, peer, declaration=declaration) as studio:
        job = await studio.submit(seed=5)
        await studio.finish(job)
    track, _ = await load_track(database, job)
    assert track.papers is not None
    named = {name: track.papers[name] for name in ("model", "model_version", "adapters", "seed", "source_type")}
    assert named == {
        "model": "tones",
        "model_version": "7",
        "adapters": ["warm"],
        "seed": 11,
        "source_type": "trainedAlgorithmicMedia",
    }
    assert json.loads(track.papers["request_sent"]) == {"prompt": "a slow tone", "seconds": 6.0, "seed": 5}
    assert track.papers["prompt"] is None
    assert (track.licence_class, track.licence_version, track.requires_attribution) == (
        "personal_only",
        "2026-11-30",
        True,
    )
    assert track.papers["licence_terms"] == "Basic, https://peer.example/terms, 2026-11-30"
    assert track.papers["attribution"] == "Made with Peer"


async def test_the_operator_can_have_prompts_embedded_in_files(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    settings = isolated_settings.model_copy(update={"embed_prompts": True})
    async with remote_installation(settings, database, cast, peer) as studio:
        job = await studio.submit(seed=5)
        await studio.finish(job)
        track, files = await load_track(database, job)
        assert track.papers is not None
        assert track.papers["prompt"] == "a slow tone"
        content = b"".join([block async for block in studio.services.blobs.read(files[FileRole.MASTER].blob_key)])
    assert b"a slow tone" in content


async def test_the_licence_is_unclear_without_a_declaration(studio: RemoteInstallation) -> None:
    job = await studio.submit()
    await studio.finish(job)
    track, _ = await load_track(studio.database, job)
    assert (track.licence_class, track.licence_version, track.commercial_use) == ("unclear", "undeclared", False)


@pytest.mark.parametrize(("kind", "suffix"), [("MP3", ".mp3"), ("FLAC", ".flac"), ("OGG", ".ogg")])
async def test_files_of_other_formats_are_decoded(
    studio: RemoteInstallation, peer: Peer, kind: str, suffix: str
) -> None:
    peer.audio = peers.tone(rate=44_100, channels=2, kind=kind)
    job = await studio.submit()
    assert (await studio.finish(job)).status is Status.SUCCEEDED
    _, files = await load_track(studio.database, job)
    assert content_hash.suffix(files[FileRole.ORIGINAL].blob_key) == suffix


async def test_a_difference_in_length_is_reported(studio: RemoteInstallation, peer: Peer) -> None:
    peer.audio = peers.tone(4.0)
    job = await studio.submit()
    await studio.finish(job)
    track, _ = await load_track(studio.database, job)
    assert track.report["notes"][-1] == "The engine delivered 4.0 s instead of 6 s."


async def test_a_refusal_of_the_peer_reaches_the_user_and_costs_nothing(studio: RemoteInstallation, peer: Peer) -> None:
    peer.faults["submit"].append(Fault(400, "no polka"))
    job = await studio.submit()
    row = await studio.step(job)
    assert (row.status, row.error_message) == (
        Status.FAILED,
        "The peer answered 400: no polka You were not charged.",
    )
    assert await worker_jobs.sum_spending(studio.database, job) == 0
    assert await load_remote_job(studio.database, job) is None


async def test_a_failed_job_is_submitted_anew_until_no_attempt_is_left(studio: RemoteInstallation, peer: Peer) -> None:
    peer.states = [{"state": "running", "error": "Out of memory."}]
    job = await studio.submit()
    row = await studio.finish(job)
    assert (row.status, row.error_message) == (Status.FAILED, "Out of memory. You were not charged.")
    assert [peer_job.key for peer_job in peer.jobs.values()] == [f"{job.id}-{number}" for number in (1, 2, 3)]
    assert await worker_jobs.sum_spending(studio.database, job) == 0


async def test_a_file_that_is_no_audio_is_fetched_again_and_then_fails(studio: RemoteInstallation, peer: Peer) -> None:
    peer.audio = b"<html>busy</html>"
    job = await studio.submit()
    row = await studio.finish(job)
    assert (row.status, peer.count("submit"), peer.count("fetch")) == (Status.FAILED, 1, 3)
    assert row.error_message == (
        "The engine delivered no usable audio. The file is not audio in MP3, FLAC, WAV or Ogg. You were not charged."
    )


async def test_audio_that_is_far_too_long_is_rejected(
    isolated_settings: Settings, database: Database, cast: Cast, peer: Peer
) -> None:
    peer.audio = peers.tone(80.0, rate=8_000)
    async with remote_installation(isolated_settings, database, cast, peer, max_duration_seconds=10) as studio:
        job = await studio.submit()
        row = await studio.finish(job)
    assert row.status is Status.FAILED
    assert row.error_message is not None
    assert "The file is longer than 70 s." in row.error_message
