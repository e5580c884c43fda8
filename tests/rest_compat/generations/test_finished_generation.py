from typing import Any

import pytest

from tests.support.factories import generation_body
from tests.support.polling import wait_for
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")


async def ended(rest: Contract, person: Person, job_id: str) -> dict[str, Any]:
    """Return the job when it has finished; its progress must never decrease."""
    seen = [0]

    async def look() -> dict[str, Any] | None:
        job: dict[str, Any] = (await rest.call("get-generation", person, path={"job_id": job_id})).json()
        assert job["progress"] >= seen[-1]
        seen.append(job["progress"])
        return None if job["status"] in {"queued", "running"} else job

    return await wait_for(look)


async def test_a_finished_job_has_a_playable_track(rest: Contract, cast: Cast) -> None:
    accepted = await rest.call(
        "create-generation", cast.ada, json=generation_body(instrumental=True, title="Night Desk")
    )
    job = await ended(rest, cast.ada, accepted.json()["id"])
    assert (job["status"], job["progress"], job["error_message"]) == ("succeeded", 100, None)
    assert job["created_at"] == accepted.json()["created_at"]
    assert job["track"]["title"] == "Night Desk"
    assert job["track"]["instrumental"] is True
    assert job["track"]["measured_duration_seconds"] == pytest.approx(2, abs=0.2)

    played = await rest.client.get(job["playback_url"])
    assert (played.status_code, played.headers["Content-Type"]) == (200, "audio/mpeg")
    part = await rest.client.get(job["playback_url"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content) == (206, played.content[:100])
    head = await rest.client.head(job["playback_url"])
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(played.content)))

    listed = (await rest.call("list-generations", cast.ada, params={"status": "succeeded"})).json()["jobs"]
    assert listed == [{**job, "playback_url": None, "track": None}]
    assert (await rest.call("cancel-generation", cast.ada, path={"job_id": job["id"]})).json()["status"] == "succeeded"


async def test_a_replay_after_completion_returns_the_finished_job(rest: Contract, cast: Cast) -> None:
    key = {"Idempotency-Key": "once"}
    accepted = await rest.call("create-generation", cast.ada, json=generation_body(), headers=key)
    job = await ended(rest, cast.ada, accepted.json()["id"])
    replay = await rest.call("create-generation", cast.ada, json=generation_body(), headers=key)
    assert (replay.status_code, replay.headers["Idempotency-Replayed"]) == (202, "true")
    assert (replay.json()["id"], replay.json()["status"]) == (job["id"], "succeeded")
    assert replay.json()["track"]["id"] == job["result_track_id"]
