"""Workers check remote engines at intervals and store the results."""

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from core.network import tls
from core.settings import Settings
from engines.registry import RegisteredRemoteEngine, create_registry
from storage.postgres.database import Database
from storage.tables import CheckResult, EngineCheck
from tests.support.graphql.client import data
from tests.support.jobs.finished_jobs import build_finished_generation, build_generation
from tests.support.processes import configured_server
from tests.support.remote import peer as peers
from tests.support.remote.peer import Fault
from tests.support.remote.peer_engine import KEY, engine_settings
from tests.support.users import Cast
from workers.loops import engine_checks

QUERY: Final = """
query($id: ID!) {
  organization(id: $id) {
    engines {
      key
      health { status message checkedAt lastAvailableAt }
      queue { queuedJobs runningJobs estimatedWaitSeconds secondsPerMinute }
    }
  }
}
"""
NOT_CHECKED: Final = "No worker has checked the engine lately."


def entry_of(url: str, **instance: Any) -> RegisteredRemoteEngine:  # noqa: ANN401  fields of the settings
    entry = create_registry(engine_settings(url, **instance)).remote(KEY)
    assert entry is not None
    return entry


async def load_check(database: Database) -> EngineCheck:
    async with database.transaction() as session:
        return await session.get_one(EngineCheck, KEY)


async def make_due(database: Database) -> None:
    """Let the last check lie an hour back."""
    past = "interval '1 hour'"
    async with database.transaction() as session:
        await session.execute(
            text(
                f"UPDATE engine_checks SET next_check_at = now(), checked_at = checked_at - {past}, "  # noqa: S608
                f"available_at = available_at - {past}"
            )
        )


async def test_an_engine_is_checked_once_in_an_interval(database: Database) -> None:
    with peers.running() as peer:
        entry = entry_of(peer.url)
        assert [await engine_checks.check_if_due(database, entry) for _ in range(3)] == [True, False, False]
        assert peer.count("check") == 1
        row = await load_check(database)
        assert (row.result, row.message) == (CheckResult.AVAILABLE, "The peer is ready.")
        assert row.available_at == row.checked_at
        await make_due(database)
        assert await engine_checks.check_if_due(database, entry)
        assert peer.count("check") == 2


async def test_an_engine_that_fails_keeps_the_time_at_which_it_was_available(database: Database) -> None:
    with peers.running() as peer:
        entry = entry_of(peer.url)
        await engine_checks.check_if_due(database, entry)
        await make_due(database)
        available_at = (await load_check(database)).available_at
        peer.faults["check"].append(Fault(503, "no graphics card"))
        await engine_checks.check_if_due(database, entry)
    row = await load_check(database)
    assert (row.result, row.message) == (CheckResult.UNAVAILABLE, "The peer answered 503: no graphics card")
    assert row.available_at == available_at
    assert row.checked_at is not None
    assert available_at is not None
    assert row.checked_at > available_at


async def test_a_service_that_cannot_be_tried_without_costs_is_not_called_available(database: Database) -> None:
    settings = engine_settings("https://api.example.com", kind="queue", options={"service": "minimax_music"}, key="k")
    entry = create_registry(settings).remote(KEY)
    assert entry is not None
    assert await engine_checks.check_if_due(database, entry)
    row = await load_check(database)
    assert (row.result, row.available_at) == (CheckResult.NOT_CHECKED, None)


async def read_engines(url: str, cast: Cast) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the remote engine in GraphQL, and in REST with the same names."""
    organization_id = cast.ada.organization_id
    async with httpx.AsyncClient(base_url=url, timeout=60, verify=tls.default_context()) as client:
        found = (await data(client, cast.ada, QUERY, id=organization_id))["organization"]["engines"]
        rest = await client.get(f"/v1/music/{organization_id}/engines", headers=cast.ada.headers)
    local, remote = found
    assert (local["key"], local["health"], remote["key"]) == ("studio", None, KEY)
    [rest_local, rest_remote] = rest.json()["engines"]
    assert (rest_local["health"], rest_local["queue"]["queued_jobs"]) == (None, local["queue"]["queuedJobs"])
    return remote, rest_remote


async def test_both_interfaces_return_the_health_of_an_engine_and_how_long_jobs_wait(
    database: Database, settings: Settings, quiet_redis_url: str, cast: Cast
) -> None:
    with peers.running() as peer:
        engines = engine_settings(peer.url, max_jobs=2)
        [entry] = create_registry(engines).remotes
        with configured_server.run_server(settings, quiet_redis_url, engines={"remote": engines.remote}) as url:
            remote, rest = await read_engines(url, cast)
            unknown = {"status": "UNKNOWN", "message": NOT_CHECKED, "checkedAt": None, "lastAvailableAt": None}
            assert remote["health"] == unknown
            assert rest["health"]["status"] == "unknown"
            idle = {"queuedJobs": 0, "runningJobs": 0, "estimatedWaitSeconds": 0.0, "secondsPerMinute": None}
            assert remote["queue"] == idle

            await engine_checks.check_if_due(database, entry)
            async with database.transaction() as session:
                session.add(build_finished_generation(cast.bea, 100, engine=KEY))
                session.add_all(build_generation(cast.bea, engine=KEY) for _ in range(3))
            remote, rest = await read_engines(url, cast)
            row = await load_check(database)
            assert (remote["health"]["status"], remote["health"]["message"]) == ("AVAILABLE", None)
            assert remote["health"]["checkedAt"] == remote["health"]["lastAvailableAt"]
            assert row.checked_at is not None
            assert rest["health"] == {
                "status": "available",
                "message": None,
                "checked_at": row.checked_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "last_available_at": row.checked_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            # three jobs of 100 s at two places
            waits = {"queuedJobs": 3, "runningJobs": 0, "estimatedWaitSeconds": 150.0, "secondsPerMinute": 100.0}
            assert remote["queue"] == waits
            assert rest["queue"] == {
                "queued_jobs": 3,
                "running_jobs": 0,
                "estimated_wait_seconds": 150.0,
                "seconds_per_minute": 100.0,
            }

            await make_due(database)
            assert (await read_engines(url, cast))[0]["health"]["message"] == NOT_CHECKED
            peer.faults["check"].append(Fault(503, "no graphics card"))
            await engine_checks.check_if_due(database, entry)
            remote, rest = await read_engines(url, cast)
            assert remote["health"]["status"] == "UNAVAILABLE"
            assert remote["health"]["message"] == rest["health"]["message"] == "The peer answered 503: no graphics card"
            assert remote["queue"]["estimatedWaitSeconds"] is rest["queue"]["estimated_wait_seconds"] is None
            assert remote["health"]["lastAvailableAt"] < remote["health"]["checkedAt"]


@pytest.mark.parametrize(("jobs_ahead", "expected"), [(None, 0.0), (4, 40.0)])
async def test_a_longer_queue_of_the_peer_counts(
    database: Database, settings: Settings, quiet_redis_url: str, cast: Cast, jobs_ahead: int | None, expected: float
) -> None:
    async with database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO engine_checks (engine, next_check_at, checked_at, result, message, jobs_ahead, "
                "seconds_per_job) VALUES (:engine, now(), now(), 'available', '', :jobs, 10)"
            ),
            {"engine": KEY, "jobs": jobs_ahead},
        )
    remote_engines = engine_settings("http://127.0.0.1:9").remote
    with configured_server.run_server(settings, quiet_redis_url, engines={"remote": remote_engines}) as url:
        remote, _ = await read_engines(url, cast)
    assert remote["queue"]["estimatedWaitSeconds"] == expected
