from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core import clock, jobs
from core.jobs import Status
from storage.postgres.database import Database
from storage.tables import Generation, Track
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast

NO_JOBS = [
    "mgen_000000000000",
    "mgen_" + "0" * 64,
    "mgen_" + "0" * 65,
    "mgen_",
    "mtrack_000000000000",
    "MGEN_000000000000",
    "mgen_00000000000g",
    "x",
    "..",
    "null",
    "%",
    "é",
    "🎹",
    "a b",
    "' OR 1=1 --",
    "x" * 4000,
    "mgen_\x00",
    "\x00",
    "\n",
]


@pytest.mark.parametrize("operation", ["get-generation", "cancel-generation"])
@pytest.mark.parametrize("job_id", NO_JOBS, ids=lambda job_id: ascii(job_id[:24]))
async def test_malformed_and_unknown_job_ids_return_404(
    rest: Contract, cast: Cast, operation: str, job_id: str
) -> None:
    # httpx would resolve the dots as a parent directory
    path = rest.url(operation, cast.ada, job_id=job_id).replace("/..", "/%2E%2E")
    answer = await rest.send(rest.operations[operation].method, path, headers=cast.ada.headers)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("RESOURCE_NOT_FOUND", "client_error")
    assert error["message"] == "The requested resource could not be found."
    assert error["system_message"] == "Music generation job not found"
    assert error["details"] == {"job_id": job_id}


@pytest.mark.parametrize("operation", ["get-generation", "cancel-generation"])
async def test_a_foreign_job_returns_the_same_error_as_a_missing_one(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    foreign = await factories.put_generation(database, cast.bea, Status.QUEUED)
    missing = "mgen_" + "0" * 24
    answers = [await rest.call(operation, cast.ada, path={"job_id": job_id}) for job_id in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].headers.keys() == answers[1].headers.keys()
    errors = [answer.json()["error"] for answer in answers]
    for error, job_id in zip(errors, (foreign, missing), strict=True):
        assert error["details"] == {"job_id": job_id}
    seen = [{name: error[name] for name in ("code", "message", "system_message", "type")} for error in errors]
    assert seen[0] == seen[1]
    async with database.transaction() as session:
        row = await session.get(Generation, foreign)
    assert row is not None
    assert (row.status, row.cancel_requested_at) == (Status.QUEUED, None)


async def test_a_job_is_not_found_in_another_of_the_callers_organizations(
    rest: Contract, cast: Cast, database: Database
) -> None:
    job_id = await factories.put_generation(database, cast.cid, Status.QUEUED)
    answer = await rest.call("get-generation", cast.ada, path={"job_id": job_id})
    assert answer.status_code == 404
    answer = await rest.call(
        "get-generation", cast.cid, path={"job_id": job_id, "organization_id": cast.ada.organization_id}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("status", Status)
async def test_a_job_is_returned_in_its_current_state(
    rest: Contract, cast: Cast, database: Database, status: Status
) -> None:
    job_id = await factories.put_generation(database, cast.ada, status)
    job = (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()
    assert (job["id"], job["status"]) == (job_id, status.value)
    assert job["error_message"] == ("The engine broke." if status is Status.FAILED else None)
    assert job["refusal_reason"] == ("Name no living artist." if status is Status.REFUSED else None)
    assert job["progress"] == {Status.SUCCEEDED: 100, Status.RUNNING: 40}.get(status, 0)
    assert (job["track"] is not None) is (status is Status.SUCCEEDED)


async def test_a_succeeded_job_contains_its_track(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    job = (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()
    assert job["track"] == {
        "id": job["result_track_id"],
        "title": "Night Desk",
        "engine": "studio",
        "mode": "creation",
        "instrumental": True,
        "measured_duration_seconds": 2.0,
        "mime_type": "audio/mpeg",
        "licence_class": "commercial_cleared",
        "playback_url": job["playback_url"],
    }
    assert job["playback_url"].startswith("http")


async def test_a_job_whose_track_was_deleted_remains_succeeded(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    async with database.transaction() as session:
        await session.execute(update(Track).where(col(Track.generation_id) == job_id).values(deleted_at=clock.now()))
        track_id = await session.scalar(select(col(Track.id)).where(col(Track.generation_id) == job_id))
    job = (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()
    assert (job["status"], job["result_track_id"]) == ("succeeded", track_id)
    assert (job["playback_url"], job["track"]) == (None, None)


async def test_a_queued_job_is_cancelled_immediately(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED)
    answer = await rest.call("cancel-generation", cast.ada, path={"job_id": job_id})
    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"
    assert (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json() == answer.json()


async def test_cancelling_a_running_job_flags_it(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.RUNNING)
    for _ in range(2):
        answer = await rest.call("cancel-generation", cast.ada, path={"job_id": job_id})
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["progress"]) == ("running", 40)
    async with database.transaction() as session:
        row = await session.get(Generation, job_id)
    assert row is not None
    assert row.cancel_requested_at is not None
    assert row.cancel_requested_at > clock.now() - timedelta(minutes=1)


@pytest.mark.parametrize("status", sorted(jobs.TERMINAL))
async def test_cancelling_a_finished_job_changes_nothing(
    rest: Contract, cast: Cast, database: Database, status: Status
) -> None:
    job_id = await factories.put_generation(database, cast.ada, status)
    async with database.transaction() as session:
        before = await session.get(Generation, job_id)
    answer = await rest.call("cancel-generation", cast.ada, path={"job_id": job_id})
    assert (answer.status_code, answer.json()["status"]) == (200, status.value)
    async with database.transaction() as session:
        after = await session.get(Generation, job_id)
    assert before is not None
    assert after is not None
    assert after.model_dump() == before.model_dump()


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"\x00" * 1000])
async def test_cancel_ignores_a_body(rest: Contract, cast: Cast, database: Database, content: bytes) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED)
    answer = await rest.call("cancel-generation", cast.ada, path={"job_id": job_id}, content=content)
    assert answer.json()["status"] == "cancelled"
