"""Schedule of segments, checked in the rows, with a worker that renders instantly."""

from decimal import Decimal

import httpx
import pytest

from core import clock
from core.jobs import Status
from core.settings import Settings
from core.spend_windows import Window
from resolvers.focus import scheduling
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.queries import focus as sessions
from storage.tables import FocusSession, Generation
from tests.support.graphql.focus_client import (
    age_session,
    fail_segment,
    finish_segments,
    list_generations,
    load_session,
    start_focus_session,
)
from tests.support.polling import wait_for
from tests.support.users import Cast

Json = dict[str, object]


async def row_of(database: Database, session_id: str) -> FocusSession:
    async with database.transaction() as session:
        row = await sessions.lock(session, session_id)
    assert row is not None
    return row


async def made(database: Database, session_id: str) -> list[tuple[int | None, Status]]:
    return [(job.segment_index, job.status) for job in await list_generations(database, session_id)]


async def test_segments_are_rendered_one_by_one_up_to_the_look_ahead(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    assert await made(database, session_id) == [(0, Status.QUEUED)]
    await finish_segments(database, settings, session_id, 4)
    assert settings.focus.look_ahead == 3
    assert await made(database, session_id) == [(index, Status.SUCCEEDED) for index in range(4)]


async def test_the_look_ahead_follows_the_playhead(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 4)
    await age_session(database, session_id, 5)
    assert (await load_session(client, cast.ada, session_id))["readyCount"] == 4
    assert len(await list_generations(database, session_id)) == 4
    await age_session(database, session_id, 60)
    await load_session(client, cast.ada, session_id)
    assert (await made(database, session_id))[4:] == [(4, Status.QUEUED)]


async def test_a_prefetched_session_does_not_wait_for_the_listener(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=20, prefetch=True))["id"]
    await finish_segments(database, settings, session_id, 10)
    session = await load_session(client, cast.ada, session_id)
    assert (session["status"], session["endReason"], session["readyCount"]) == ("ENDED", "COMPLETE", 10)
    assert session["morePending"] is False


async def test_an_idle_session_resumes_at_its_position(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 4)
    await age_session(database, session_id, 3600)
    async with database.transaction() as session:
        idle_since = clock.now() - scheduling.idle_timeout(settings)
        assert await sessions.list_unscheduled(session, idle_since) == []
    before = await row_of(database, session_id)

    back = await load_session(client, cast.ada, session_id)
    assert (back["status"], back["isIdle"]) == ("ACTIVE", False)
    # it is resumed, and stalled
    assert back["sequence"] == before.sequence + 2
    # all that was ready was heard within the ten minutes before it rested, and then there was a gap
    assert back["playheadSeconds"] == pytest.approx(380, abs=15)
    assert (back["isStalled"], back["gapSeconds"]) == (True, pytest.approx(220, abs=15))
    assert (await made(database, session_id))[4:] == [(4, Status.QUEUED)]


async def test_listing_an_idle_session_does_not_resume_it(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 4)
    await age_session(database, session_id, 3600)
    query = "query($id: ID!) { organization(id: $id) { focusSessions { edges { node { id isIdle nextReadyAt } } } } }"
    answer = await client.post(
        "/graphql",
        json={"query": query, "variables": {"id": cast.ada.organization_id}},
        headers=cast.ada.headers,
    )
    [edge] = answer.json()["data"]["organization"]["focusSessions"]["edges"]
    assert edge["node"] == {"id": session_id, "isIdle": True, "nextReadyAt": None}
    assert len(await list_generations(database, session_id)) == 4


async def test_the_focus_loop_schedules_a_session_that_plays_without_requests(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 4)
    await age_session(database, session_id, 100)

    async def next_job() -> bool | None:
        return len(await list_generations(database, session_id)) == 5 or None

    # the server of this installation sweeps all the time
    assert await wait_for(next_job)
    assert (await row_of(database, session_id)).heard_seconds == 0.0


async def test_a_segment_that_fails_twice_ends_the_session(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 2)
    await fail_segment(database, settings, session_id)
    assert (await made(database, session_id))[2:] == [(2, Status.FAILED), (2, Status.QUEUED)]
    await fail_segment(database, settings, session_id)
    session = await load_session(client, cast.ada, session_id)
    assert (session["status"], session["endReason"], session["morePending"]) == ("ENDED", "BROKEN", False)
    assert [segment["index"] for segment in session["segments"]] == [0, 1]


async def test_a_spend_cap_ends_a_running_session_and_ready_segments_stay(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    # the first segment costs 20 s of 0.2 CHF a minute, the others 120 s
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("0.6"))
    await finish_segments(database, settings, session_id, 2)
    session = await load_session(client, cast.ada, session_id)
    assert (session["status"], session["endReason"], session["readyCount"]) == ("STOPPED_CAP", "CAP", 2)
    assert (session["morePending"], session["nextReadyAt"]) == (False, None)
    assert len(await list_generations(database, session_id)) == 2


async def test_a_failed_segment_is_replaced_within_the_cap_of_its_cost(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.MONTH, Decimal("0.4667"))
    await finish_segments(database, settings, session_id, 1)
    await fail_segment(database, settings, session_id)
    assert (await made(database, session_id))[1:] == [(1, Status.FAILED), (1, Status.QUEUED)]


async def test_only_the_cost_of_the_segment_in_progress_is_reserved(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=720))["id"]
    await finish_segments(database, settings, session_id, 1)
    assert [job.cost_chf for job in await list_generations(database, session_id)] == [
        Decimal("0.0667"),
        Decimal("0.4000"),
    ]


async def test_the_database_rejects_duplicate_and_parallel_segments(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 1)
    [first, _] = await list_generations(database, session_id)
    fresh = {"id": f"mgen_{'0' * 24}", "status": Status.QUEUED, "progress": 0, "finished_at": None}
    again = {**first.model_dump(), **fresh, "ready_sequence": None}
    for index in (0, 2):
        with pytest.raises(Exception, match="ux_generations"):
            await _put(database, Generation(**{**again, "segment_index": index}))


async def _put(database: Database, job: Generation) -> None:
    async with database.transaction() as session:
        session.add(job)


async def test_the_same_seed_plans_the_same_segments(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    plans = []
    for _ in range(2):
        session_id = (await start_focus_session(client, cast.ada, targetMinutes=20, seed=7, divergence=0.5))["id"]
        await finish_segments(database, settings, session_id, 3)
        plans.append([job.segment for job in await list_generations(database, session_id)])
    assert plans[0] == plans[1]
    assert [plan["index"] for plan in plans[0] if plan] == [0, 1, 2, 3]
    first, second, third, _ = [plan for plan in plans[0] if plan]
    assert (first["before"], second["before"], third["before"]) == (None, first["grid"], second["grid"])


async def test_the_playback_clock_starts_with_the_first_segment(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada))["id"]
    await age_session(database, session_id, 30)
    session = await load_session(client, cast.ada, session_id)
    assert (session["playheadSeconds"], session["firstReadyAt"]) == (0.0, None)
