"""Focus sessions in the GraphQL API, including steering, which the REST API does not offer."""

from decimal import Decimal

import httpx
import pytest

from core.jobs import Status
from core.settings import Settings
from core.spend_windows import Window
from resolvers.organizations import spending
from storage.postgres.database import Database
from tests.support.graphql.client import data, execute
from tests.support.graphql.cost import Cost
from tests.support.graphql.focus_client import (
    end_session,
    find_session,
    finish_segments,
    list_generations,
    load_session,
    promote,
    start,
    start_focus_session,
    steer,
)
from tests.support.users import Cast

LIST = """
query List($id: ID!, $first: Int! = 20, $after: String) {
  organization(id: $id) {
    focusSessions(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node { id readyCount segments { index playbackUrl track { id title } } } }
    }
  }
}
"""


async def test_a_new_session_has_all_its_fields(client: httpx.AsyncClient, cast: Cast) -> None:
    session = await start_focus_session(client, cast.ada, seed=7, divergence=0.5, intensity="HIGH", prefetch=True)
    assert (session["status"], session["endReason"], session["isIdle"]) == ("ACTIVE", None, False)
    assert (session["targetMinutes"], session["totalSegments"], session["readyCount"]) == (10, 5, 0)
    assert (session["seed"], session["prefetch"], session["morePending"]) == (7, True, True)
    assert session["controls"] == {"goal": "FOCUS", "intensity": "HIGH", "divergence": 0.5, "prompt": None}
    again = await find_session(client, cast.ada, session["id"])
    assert again is not None
    assert {**again, "streamUrl": ""} == {**session, "streamUrl": ""}


async def test_a_ready_segment_has_its_grid_and_controls(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, seed=7))["id"]
    await finish_segments(database, settings, session_id, 2)
    first, second = (await load_session(client, cast.ada, session_id))["segments"]
    assert (first["index"], first["beginsAtSeconds"], first["isLast"]) == (0, 0.0, False)
    assert (first["seed"], first["engineVersion"]) == (7, "1.0")
    assert first["controls"] == {"goal": "FOCUS", "intensity": "MEDIUM", "divergence": 0.0, "prompt": None}
    grid = first["grid"]
    assert second["beginsAtSeconds"] == pytest.approx(grid["durationSeconds"] - grid["overlapMs"] / 1000)
    assert (grid["fadeOutMs"], grid["overlapMs"]) == (second["grid"]["fadeInMs"],) * 2
    assert grid["tempoBpm"] == second["grid"]["tempoBpm"]
    assert first["playbackUrl"].startswith(settings.public_url)


async def test_all_problems_are_listed_with_graphql_names(client: httpx.AsyncClient, cast: Cast) -> None:
    wrong = {"goal": "CUSTOM_PROMPT", "targetMinutes": 721, "divergence": 2.0, "engine": "nope", "seed": -1}
    answer = await start(client, cast.ada, **wrong, idempotencyKey="")
    assert answer["__typename"] == "InvalidInputError"
    assert {problem["path"][0] for problem in answer["problems"]} == {
        "targetMinutes",
        "customPrompt",
        "divergence",
        "engine",
        "seed",
        "idempotencyKey",
    }


async def test_a_foreign_organization_is_forbidden(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await start(client, cast.ada, organizationId=cast.cid.organization_id)
    assert (answer["__typename"], answer["code"]) == ("ForbiddenError", "ORGANIZATION_ACCESS_DENIED")


async def test_an_idempotency_key_returns_the_same_session(client: httpx.AsyncClient, cast: Cast) -> None:
    first = await start(client, cast.ada, idempotencyKey="once")
    again = await start(client, cast.ada, idempotencyKey="once")
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert again["session"]["id"] == first["session"]["id"]
    assert (await start(client, cast.ada, idempotencyKey="once", seed=1))["__typename"] == "ConflictError"


async def test_a_session_over_the_spend_cap_is_rejected(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.WEEK, Decimal(0))
    answer = await start(client, cast.ada)
    assert (answer["__typename"], answer["window"]) == ("SpendCapError", "week")


async def test_ending_a_session_is_idempotent(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada))["id"]
    await finish_segments(database, settings, session_id)
    first, again = [(await end_session(client, cast.ada, session_id))["session"] for _ in range(2)]
    assert (first["status"], first["endReason"], first["readyCount"]) == ("ENDED", "LISTENER", 1)
    assert (again["sequence"], again["endedAt"]) == (first["sequence"], first["endedAt"])
    assert [job.status for job in await list_generations(database, session_id)] == [Status.SUCCEEDED, Status.CANCELLED]


async def test_a_segment_is_promoted_to_a_saved_track(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada))["id"]
    assert (await promote(client, cast.ada, session_id, 0))["__typename"] == "ConflictError"
    await finish_segments(database, settings, session_id)
    promoted = await promote(client, cast.ada, session_id, 0, title="Night Desk")
    assert promoted["entry"]["source"] == "OWN"
    assert (promoted["entry"]["track"]["title"], promoted["entry"]["track"]["mode"]) == ("Night Desk", "FOCUS")
    assert await promote(client, cast.ada, session_id, 0) == promoted
    assert (await promote(client, cast.ada, session_id, 5))["__typename"] == "NotFoundError"
    assert (await promote(client, cast.ada, session_id, 0, title=""))["__typename"] == "InvalidInputError"


async def test_other_users_can_neither_read_nor_change_a_session(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada))["id"]
    await finish_segments(database, settings, session_id)
    before = await load_session(client, cast.ada, session_id)
    for other_user in (cast.bea, cast.cid):
        assert await find_session(client, other_user, session_id) is None
        assert (await end_session(client, other_user, session_id))["__typename"] == "NotFoundError"
        assert (await steer(client, other_user, session_id, divergence=1.0))["__typename"] == "NotFoundError"
        assert (await promote(client, other_user, session_id, 0))["__typename"] == "NotFoundError"
    after = await load_session(client, cast.ada, session_id)
    assert (after["sequence"], after["status"], after["controls"]) == (before["sequence"], "ACTIVE", before["controls"])


async def test_steering_changes_the_segments_not_being_rendered(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    await finish_segments(database, settings, session_id, 2)
    answer = await steer(client, cast.ada, session_id, intensity="LOW", divergence=0.8, prompt="more piano")
    assert (answer["__typename"], answer["fromSegmentIndex"]) == ("SteerFocusSessionPayload", 2)
    assert answer["inSeconds"] == pytest.approx(160, abs=30)
    changed = {"goal": "FOCUS", "intensity": "LOW", "divergence": 0.8, "prompt": "more piano"}
    assert answer["session"]["controls"] == changed

    await finish_segments(database, settings, session_id, 2)
    segments = (await load_session(client, cast.ada, session_id))["segments"]
    initial = {"goal": "FOCUS", "intensity": "MEDIUM", "divergence": 0.0, "prompt": None}
    assert [segment["controls"] for segment in segments] == [initial, initial, changed, changed]
    job = (await list_generations(database, session_id))[2]
    assert job.segment is not None
    assert (job.segment["controls_before"]["intensity"], job.prompt) == ("medium", "more piano")


async def test_steering_does_not_change_a_segment_being_rendered(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
    [job] = await list_generations(database, session_id)
    async with database.transaction() as session:
        merged = await session.merge(job)
        merged.status, merged.lease_expires_at = Status.RUNNING, merged.created_at.replace(year=2099)
    answer = await steer(client, cast.ada, session_id, divergence=1.0)
    assert answer["fromSegmentIndex"] == 1
    assert answer["inSeconds"] == pytest.approx(20, abs=5)
    assert (await list_generations(database, session_id))[0].segment == job.segment


async def test_a_null_prompt_removes_it_and_other_controls_stay(client: httpx.AsyncClient, cast: Cast) -> None:
    session_id = (await start_focus_session(client, cast.ada, targetMinutes=60, intensity="HIGH"))["id"]
    await steer(client, cast.ada, session_id, prompt="more piano")
    answer = await steer(client, cast.ada, session_id, prompt=None)
    controls = answer["session"]["controls"]
    assert (controls["prompt"], controls["intensity"]) == (None, "HIGH")


@pytest.mark.parametrize(
    ("goal", "changes", "path"),
    [
        ("FOCUS", {}, []),
        ("FOCUS", {"divergence": 1.5}, ["divergence"]),
        ("FOCUS", {"intensity": None}, ["intensity"]),
        ("FOCUS", {"prompt": " "}, ["prompt"]),
        ("FOCUS", {"prompt": "an exact copy"}, ["prompt"]),
        ("CUSTOM_PROMPT", {"prompt": None}, ["prompt"]),
    ],
)
async def test_invalid_steering_is_rejected_and_changes_nothing(
    client: httpx.AsyncClient, cast: Cast, goal: str, changes: dict[str, object], path: list[str]
) -> None:
    session = await start_focus_session(client, cast.ada, goal=goal, customPrompt="rain")
    answer = await steer(client, cast.ada, session["id"], **changes)
    assert answer["__typename"] == "InvalidInputError"
    assert [problem["path"] for problem in answer["problems"]] == [path]
    after = await load_session(client, cast.ada, session["id"])
    assert (after["controls"], after["sequence"]) == (session["controls"], session["sequence"])


async def test_a_session_that_ended_or_renders_its_last_segment_cannot_be_steered(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    ended = (await start_focus_session(client, cast.ada))["id"]
    await end_session(client, cast.ada, ended)
    assert (await steer(client, cast.ada, ended, divergence=1.0))["__typename"] == "ConflictError"
    short = (await start_focus_session(client, cast.ada, targetMinutes=1))["id"]
    async with database.transaction() as session:
        [job] = await list_generations(database, short)
        merged = await session.merge(job)
        merged.status, merged.lease_expires_at = Status.RUNNING, merged.created_at.replace(year=2099)
    assert (await steer(client, cast.ada, short, divergence=1.0))["__typename"] == "ConflictError"


async def test_sessions_are_paginated_newest_first(client: httpx.AsyncClient, cast: Cast) -> None:
    created = [(await start_focus_session(client, cast.ada))["id"] for _ in range(3)]
    await start_focus_session(client, cast.bea)
    found: list[str] = []
    after = None
    for expected in (True, False):
        page = (await data(client, cast.ada, LIST, id=cast.ada.organization_id, first=2, after=after))["organization"]
        connection = page["focusSessions"]
        assert (connection["totalCount"], connection["pageInfo"]["hasNextPage"]) == (3, expected)
        found += [edge["node"]["id"] for edge in connection["edges"]]
        after = connection["pageInfo"]["endCursor"]
    assert found == created[::-1]


async def test_a_page_of_any_length_takes_the_same_queries(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, cost: Cost
) -> None:
    costs = []
    for more in (1, 4):
        for _ in range(more):
            session_id = (await start_focus_session(client, cast.ada, targetMinutes=60))["id"]
            await finish_segments(database, settings, session_id, 2)
        page, statements = await cost(cast.ada, LIST, id=cast.ada.organization_id)
        edges = page["organization"]["focusSessions"]["edges"]
        assert [len(edge["node"]["segments"]) for edge in edges] == [2] * len(edges)
        costs.append(statements)
    assert costs[0] == costs[1]


async def test_a_malformed_id_is_null_and_a_missing_credential_a_top_level_error(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    query = "query($id: ID!, $org: ID!) { organization(id: $org) { focusSession(id: $id) { id } } }"
    for wrong in ("mfocus_nope", "", "mfocus_" + "0" * 24, "\x00"):
        answer = await data(client, cast.ada, query, id=wrong, org=cast.ada.organization_id)
        assert answer == {"organization": {"focusSession": None}}
    body = await execute(client, None, 'mutation { endFocusSession(input: { id: "x" }) { __typename } }')
    assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"
