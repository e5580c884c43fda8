"""Personal data in jobs at peers, when their user is removed."""

from typing import Any

from core.jobs import Status
from resolvers.organizations import offboarding
from storage.tables import Generation, RemoteJob
from tests.support.remote.installation import RemoteInstallation
from tests.support.remote.peer import Peer


async def load_payload(studio: RemoteInstallation, job: Generation) -> dict[str, Any] | None:
    async with studio.database.transaction() as session:
        row = await session.get(RemoteJob, job.id)
    return row.payload if row else None


async def test_erasing_a_user_empties_the_payload_and_cancels_the_job_at_the_peer(
    studio: RemoteInstallation, peer: Peer
) -> None:
    peer.states = [{"state": "running", "fraction": 0.5}]
    job, queued = await studio.submit(lyrics="my secret", seed=1), await studio.submit(prompt="another secret")
    await studio.step(job)
    assert await load_payload(studio, job) == {"prompt": "a slow tone", "seconds": 6.0, "seed": 1}
    await offboarding.erase(studio.database, studio.cast.ada.user_id)
    assert await load_payload(studio, job) == {}
    erased = await studio.load(job)
    assert (erased.prompt, erased.lyrics, erased.status) == ("", None, Status.RUNNING)
    assert (await studio.load(queued)).status is Status.CANCELLED
    assert (await studio.step(job)).status is Status.CANCELLED
    assert peer.jobs["job-1"].is_cancelled
    assert await load_payload(studio, job) is None
