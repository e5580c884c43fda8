"""Tracks that are made from uploads and tracks: what the peer gets, the licence, the lineage, and what can be gone."""

import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import soundfile
from sqlalchemy import select, update
from sqlmodel import col

from core import clock
from core.errors import InvalidInput
from core.jobs import Status
from core.licence import LicenceClass
from core.settings import Settings
from engines.registry import create_registry
from resolvers.access.context import Context
from resolvers.access.validation import Unvalidated
from resolvers.library import reference_audios, tracks
from resolvers.library.reference_audios import CreateReferenceAudio
from resolvers.organizations import offboarding
from resolvers.signing.signatures import Signer
from storage.maintenance import retention
from storage.postgres.database import Database
from storage.queries.archives import Owner
from storage.tables import Generation, ReferenceAudio, RemoteJob, Track
from tests.support import factories
from tests.support.jobs import worker_jobs
from tests.support.remote import tone_files
from tests.support.remote.ace_step import api_server, cpp_server
from tests.support.remote.ace_step.adapters import CPP, SERVER
from tests.support.remote.ace_step.api_server import MODEL
from tests.support.remote.ace_step.cpp_server import CppServer
from tests.support.remote.installation import RemoteInstallation
from tests.support.remote.peer_engine import KEY, engine_settings
from tests.support.users import Cast
from workers.archives import exporter
from workers.archives.exporter import ExportSource
from workers.services import connect

SECONDS: Final = 10.25
DECLARATION: Final = {
    "declared_on": "2026-11-30",
    "licence_class": "commercial_cleared",
    "plan": "MIT",
    "terms_url": "https://ace.example/licence",
}


@asynccontextmanager
async def installation(
    settings: Settings,
    database: Database,
    cast: Cast,
    **instance: Any,  # noqa: ANN401  settings of the engine
) -> AsyncIterator[RemoteInstallation]:
    engines = engine_settings(**instance, declaration=DECLARATION, response_seconds=30)
    async with connect(settings.model_copy(update={"engines": engines}), create_registry(engines)) as services:
        yield RemoteInstallation(services, database, cast)


@pytest.fixture
def cpp() -> Iterator[CppServer]:
    with cpp_server.running() as server:
        # of a track, so that the decoder needs no resampler, which takes it longer to import than all else
        server.sample_rate = tone_files.SAMPLE_RATE
        yield server


@pytest_asyncio.fixture
async def ace(
    isolated_settings: Settings, database: Database, cast: Cast, cpp: CppServer
) -> AsyncIterator[RemoteInstallation]:
    async with installation(isolated_settings, database, cast, url=cpp.url, kind=CPP) as running:
        yield running


def context(ace: RemoteInstallation) -> Context:
    return worker_jobs.context(ace.services, ace.cast)


async def upload(ace: RemoteInstallation, **declaration: object) -> ReferenceAudio:
    async def blocks() -> AsyncIterator[bytes]:
        yield tone_files.tone_wav(SECONDS)

    ctx, organization_id = context(ace), ace.cast.ada.organization_id
    request = Unvalidated(CreateReferenceAudio, {"name": "Demo", "basis": "own_work", **declaration})
    row = await reference_audios.create(ctx, organization_id, request)
    return await reference_audios.upload(ctx, organization_id, row.id, blocks())


async def submit(ace: RemoteInstallation, *, seconds: int = 11, **source: Any) -> Generation:  # noqa: ANN401  fields of any type
    return await worker_jobs.submit_directly(
        ace.services, ace.cast, engine=KEY, prompt="jazz", duration_seconds=seconds, source=source
    )


async def track_of(ace: RemoteInstallation, job: Generation) -> Track:
    row = await ace.finish(job, most_steps=500)
    assert (row.status, row.error_message) == (Status.SUCCEEDED, None)
    async with ace.database.transaction() as session:
        return (await session.scalars(select(Track).where(col(Track.generation_id) == job.id))).one()


async def refused_fields(ace: RemoteInstallation, *, seconds: int = 11, **source: Any) -> dict[str, str]:  # noqa: ANN401  fields of any type
    with pytest.raises(InvalidInput) as raised:
        await submit(ace, seconds=seconds, **source)
    assert await factories.load_all(ace.database, Generation) == []
    return {".".join(map(str, each.path)): each.message for each in raised.value.problems}


async def test_a_cover_of_an_upload_carries_its_source(ace: RemoteInstallation, cpp: CppServer) -> None:
    row = await upload(ace, basis="licensed", statement="CC BY-NC", licence_class="personal_only", attribution="Bob")
    track = await track_of(ace, await submit(ace, task="cover", reference_audio_id=row.id, strength=0.4))
    [request] = cpp.requests
    assert (request["task_type"], request["audio_cover_strength"], request["duration"]) == ("cover", 0.4, SECONDS)
    sent = soundfile.info(BytesIO(cpp.sources[0]))
    assert (sent.format, sent.subtype, sent.frames) == ("WAV", "PCM_16", round(SECONDS * 44_100))
    # no freer than the declaration, however free the engine
    assert (track.licence_class, track.commercial_use) == (LicenceClass.PERSONAL_ONLY, False)
    assert (track.requires_attribution, track.licence_version) == (True, f"{row.created_at:%Y-%m-%d}")
    assert track.papers is not None
    assert (track.papers["licence_class"], track.papers["attribution"]) == ("personal_only", "Bob")
    assert track.papers["source"] == {
        "task": "cover",
        "sha256": row.sha256,
        "track_id": None,
        "reference_audio_id": row.id,
        "basis": "licensed",
        "declared_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert cpp.url not in json.dumps([track.papers, track.report])
    assert {each["field"]: each["support"] for each in track.report["field_support"]}["source"] == "approximated"


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"basis": "own_work"}, LicenceClass.COMMERCIAL_CLEARED),
        ({"basis": "public_domain"}, LicenceClass.COMMERCIAL_CLEARED),
        ({"basis": "licensed", "statement": "by Bob"}, LicenceClass.UNCLEAR),
    ],
)
async def test_the_basis_decides_what_a_track_may_be_used_for(
    ace: RemoteInstallation, declaration: dict[str, str], expected: LicenceClass
) -> None:
    row = await upload(ace, **declaration)
    track = await track_of(ace, await submit(ace, task="repaint", reference_audio_id=row.id, start_seconds=3.0))
    assert track.licence_class is expected
    # the licence of the engine, which decides if the source is no more restrictive
    expected_version = "2026-11-30" if track.commercial_use else f"{row.created_at:%Y-%m-%d}"
    assert track.licence_version == expected_version


async def test_a_cover_of_a_track_descends_from_it(ace: RemoteInstallation, cpp: CppServer) -> None:
    row = await upload(ace, basis="licensed", statement="by Bob", licence_class="personal_only")
    first = await track_of(ace, await submit(ace, task="cover", reference_audio_id=row.id))
    seconds = first.measured_duration_seconds or 0
    second = await track_of(ace, await submit(ace, task="repaint", track_id=first.id, end_seconds=2.0))
    assert second.licence_class is LicenceClass.PERSONAL_ONLY
    assert second.papers is not None
    assert (second.papers["source"]["track_id"], second.papers["source"]["basis"]) == (first.id, None)
    assert soundfile.info(BytesIO(cpp.sources[1])).duration == pytest.approx(seconds, abs=0.001)
    seeds = await tracks.find_seed_tracks(context(ace), [second.id])
    assert seeds[second.id].id == first.id
    fields = [each["field"] for each in second.report["field_support"]]
    assert "source" in fields
    assert "seed_track" not in fields


async def test_the_genuine_server_makes_a_cover(
    isolated_settings: Settings, database: Database, cast: Cast, tmp_path: Path
) -> None:
    packages, root = tmp_path / "packages", tmp_path / "server"
    root.mkdir()
    api_server.install(packages)
    with api_server.running(packages, root) as server:
        instance = {"url": server.url, "kind": SERVER, "models": (MODEL,)}
        async with installation(isolated_settings, database, cast, **instance) as ace:
            row = await upload(ace)
            track = await track_of(ace, await submit(ace, task="cover", reference_audio_id=row.id, strength=0.7))
        [call] = server.calls()
    assert (call["task_type"], call["audio_cover_strength"]) == ("cover", 0.7)
    assert "duration: 10.250 s" in call["source"]
    assert track.measured_duration_seconds == pytest.approx(SECONDS, abs=0.05)
    assert str(root) not in json.dumps([track.papers, track.report])


async def test_a_source_that_does_not_fit_is_refused_before_anything_is_paid(
    ace: RemoteInstallation, database: Database, cast: Cast
) -> None:
    row = await upload(ace)
    cover: dict[str, Any] = {"task": "cover", "reference_audio_id": row.id}
    assert await refused_fields(ace, seconds=12, **cover) == {
        "duration_seconds": "Must be 11: the music is as long as the source."
    }
    repaint: dict[str, Any] = {"task": "repaint", "reference_audio_id": row.id}
    assert "at most 10.25" in (await refused_fields(ace, **repaint, end_seconds=10.5))["source.end_seconds"]
    assert "needs start_seconds" in (await refused_fields(ace, **repaint))["source"]
    assert "greater than" in (await refused_fields(ace, **repaint, start_seconds=3.0, end_seconds=3.0))["source"]
    assert "cover only" in (await refused_fields(ace, **repaint, end_seconds=3.0, strength=0.5))["source"]
    lego: dict[str, Any] = {"task": "lego", "reference_audio_id": row.id, "parts": ["guitar"]}
    assert await refused_fields(ace, **lego) == {"source": "The task must be one of cover, repaint for this engine."}
    assert "either" in (await refused_fields(ace, task="cover"))["source"]
    both = await refused_fields(ace, **cover, track_id="mtrack_0123456789ab")
    assert "either" in both["source"]
    assert "other tasks have none" in (await refused_fields(ace, **cover, parts=["guitar"]))["source"]


async def test_only_own_audio_is_a_source(ace: RemoteInstallation, database: Database, cast: Cast) -> None:
    ctx, organization_id = context(ace), cast.ada.organization_id
    empty = await reference_audios.create(
        ctx, organization_id, Unvalidated(CreateReferenceAudio, {"name": "Empty", "basis": "own_work"})
    )
    [message] = (await refused_fields(ace, task="cover", reference_audio_id=empty.id)).values()
    assert f"send it to /v1/music/{organization_id}/reference-audios/{empty.id}/file" in message
    row = await upload(ace)
    async with database.transaction() as session:
        await session.execute(
            update(ReferenceAudio).where(col(ReferenceAudio.id) == row.id).values(user_id=cast.bea.user_id)
        )
    foreign = await refused_fields(ace, task="cover", reference_audio_id=row.id)
    missing = await refused_fields(ace, task="cover", reference_audio_id="mref_00000000000000000000dead")
    no_id = await refused_fields(ace, task="cover", reference_audio_id="1 OR 1=1")
    assert foreign == missing == no_id
    track = await refused_fields(ace, task="cover", track_id="mtrack_00000000000000000000dead")
    assert track == {"source.track_id": "Must be a track that you made in this organization."}


async def test_a_saved_track_of_someone_else_is_no_source(
    ace: RemoteInstallation, database: Database, cast: Cast
) -> None:
    track_id = await factories.put_track(database, cast.bea, measured_duration_seconds=10.25)
    async with database.transaction() as session:
        await session.execute(update(Track).where(col(Track.id) == track_id).values(user_id=cast.ada.user_id))
    await tracks.save(context(ace), track_id)
    async with database.transaction() as session:
        await session.execute(update(Track).where(col(Track.id) == track_id).values(user_id=cast.bea.user_id))
    with pytest.raises(InvalidInput) as raised:
        await submit(ace, task="cover", track_id=track_id)
    [problem] = raised.value.problems
    assert problem.path == ("source", "track_id")


async def test_the_studio_engine_refuses_a_source(ace: RemoteInstallation) -> None:
    row = await upload(ace)
    with pytest.raises(InvalidInput) as raised:
        await worker_jobs.submit_directly(
            ace.services, ace.cast, duration_seconds=11, source={"task": "cover", "reference_audio_id": row.id}
        )
    [problem] = raised.value.problems
    assert problem.message == (
        "The engine studio does not support this field. It composes by rule and reads no recordings. "
        f"Leave it out, or use the engine {KEY}."
    )
    assert await factories.load_all(ace.database, Generation) == []


async def test_a_job_whose_source_was_deleted_fails_and_costs_nothing(ace: RemoteInstallation, cpp: CppServer) -> None:
    row = await upload(ace)
    job = await submit(ace, task="cover", reference_audio_id=row.id)
    await reference_audios.delete(context(ace), row.id)
    ended = await ace.finish(job)
    assert (ended.status, ended.error_message) == (
        Status.FAILED,
        "The source audio was deleted before the music was made. You were not charged.",
    )
    assert cpp.requests == []


async def test_erasing_a_user_erases_uploads_and_sources(
    ace: RemoteInstallation, database: Database, cast: Cast
) -> None:
    row = await upload(ace, basis="licensed", statement="by Bob, my neighbour", attribution="Bob")
    await track_of(ace, await submit(ace, task="cover", reference_audio_id=row.id))
    waiting = await submit(ace, task="cover", reference_audio_id=row.id)
    await offboarding.erase(database, cast.ada.user_id)
    [erased] = await factories.load_all(database, ReferenceAudio)
    assert (erased.name, erased.statement, erased.attribution, erased.blob_key, erased.sha256) == ("", *[None] * 4)
    assert erased.deleted_at is not None
    for generation in await factories.load_all(database, Generation):
        assert (generation.source, generation.reference_audio_id) == (None, None)
    assert (await ace.load(waiting)).status is Status.CANCELLED
    assert await factories.load_all(database, RemoteJob) == []


async def test_uploads_expire_and_declarations_stay_with_their_tracks(
    ace: RemoteInstallation, database: Database
) -> None:
    used, unused, young = await upload(ace), await upload(ace), await upload(ace)
    await track_of(ace, await submit(ace, task="cover", reference_audio_id=used.id))
    async with database.transaction() as session:
        is_old = col(ReferenceAudio.id).in_([used.id, unused.id])
        old = clock.now() - (reference_audios.expires_at(ace.services.settings, young) - young.created_at)
        await session.execute(update(ReferenceAudio).where(is_old).values(created_at=old))
    counts = await retention.prune(database, ace.services.settings.retention)
    assert counts == {"reference_audios_days": 3}
    rows = {row.id: row for row in await factories.load_all(database, ReferenceAudio)}
    assert rows.keys() == {used.id, young.id}
    assert (rows[used.id].blob_key, rows[used.id].basis) == (None, used.basis)
    assert rows[young.id].blob_key is not None
    assert await retention.prune(database, ace.services.settings.retention) == {}


async def test_an_export_has_the_uploads_with_their_declarations(
    ace: RemoteInstallation, cast: Cast, tmp_path: Path
) -> None:
    row = await upload(ace, basis="licensed", statement="by Bob")
    deleted = await upload(ace)
    await reference_audios.delete(context(ace), deleted.id)
    source = ExportSource(ace.services.database, ace.services.blobs, Signer.generate(), "http://studio.example")
    owner = Owner(cast.ada.user_id, [cast.ada.organization_id])
    await exporter.write(source, owner, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        [declaration] = json.loads(archive.read("reference-audios/declarations.json"))
        assert soundfile.info(BytesIO(archive.read("reference-audios/001.flac"))).duration == SECONDS
    assert (declaration["id"], declaration["sha256"], declaration["statement"]) == (row.id, row.sha256, "by Bob")
    await exporter.write(source, replace(owner, track_ids=[]), tmp_path / "none.zip")
    with zipfile.ZipFile(tmp_path / "none.zip") as archive:
        assert [name for name in archive.namelist() if "reference" in name] == []
