"""REST and GraphQL write the same rows and return the same values."""

from typing import Any, Final

import httpx
import pytest
from sqlalchemy import text

from core.settings import Settings
from storage.postgres.database import Database
from tests.support.graphql import focus_client
from tests.support.graphql.client import data
from tests.support.users import Cast

UNCOMPARED_COLUMNS: Final = {"id", "created_at", "finished_at", "cancel_requested_at", "seed", "idempotency_key"}
"""Columns that differ between two identical requests."""

CREATE: Final = """
mutation($input: CreateGenerationInput!) {
  createGeneration(input: $input) { ... on CreateGenerationPayload { generation { id } } ... on Error { code } }
}
"""
CANCEL: Final = "mutation($id: ID!) { cancelGeneration(input: { id: $id }) { __typename } }"
LIST: Final = """
query($id: ID!) {
  organization(id: $id) { generations(first: 50) { edges { node { id status progress engine mode createdAt } } } }
}
"""
ENGINES: Final = """
query($id: ID!) {
  organization(id: $id) {
    engines {
      key name description isDefault maxDurationSeconds supportsVocals supportsLyrics supportsStems supportsFocus
      supportedLanguages costChfPerMinute licence { class version commercialUse requiresAttribution }
      health { status message checkedAt lastAvailableAt }
      queue { queuedJobs runningJobs estimatedWaitSeconds secondsPerMinute }
    }
  }
}
"""

COMMANDS: Final[list[dict[str, Any]]] = [
    {"prompt": "plain", "duration_seconds": 30},
    {
        "prompt": "  trimmed é 🎷  ",
        "duration_seconds": 600,
        "mode": "focus",
        "instrumental": True,
        "style_tags": ["lofi", "jazz"],
        "title": "A title",
    },
]


def camel(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the same command as a GraphQL input."""
    renamed = {
        name.split("_")[0] + "".join(map(str.title, name.split("_")[1:])): value for name, value in fields.items()
    }
    return {**renamed, **({"mode": fields["mode"].upper()} if "mode" in fields else {})}


async def row(database: Database, generation_id: str) -> dict[str, Any]:
    """Return the row of a generation without the columns that always differ."""
    async with database.transaction() as session:
        found = (await session.execute(text("SELECT * FROM generations WHERE id = :id"), {"id": generation_id})).one()
    return {name: value for name, value in found._mapping.items() if name not in UNCOMPARED_COLUMNS}


@pytest.mark.parametrize("command", COMMANDS, ids=["least", "most"])
async def test_create_and_cancel_write_the_same_rows(
    client: httpx.AsyncClient, database: Database, cast: Cast, command: dict[str, Any]
) -> None:
    organization_id = cast.ada.organization_id
    url = f"/v1/music/{organization_id}/generations"
    rest = await client.post(url, json={"engine": "studio", **command}, headers=cast.ada.headers)
    rest_id = rest.json()["id"]
    created = await data(client, cast.ada, CREATE, input={"organizationId": organization_id, **camel(command)})
    graphql_id = created["createGeneration"]["generation"]["id"]
    assert await row(database, rest_id) == await row(database, graphql_id)

    await client.post(f"{url}/{rest_id}/cancel", headers=cast.ada.headers)
    await data(client, cast.ada, CANCEL, id=graphql_id)
    cancelled = await row(database, rest_id)
    assert cancelled == await row(database, graphql_id)
    assert cancelled["status"] == "cancelled"


async def test_list_returns_the_same_jobs(client: httpx.AsyncClient, cast: Cast) -> None:
    organization_id = cast.ada.organization_id
    url = f"/v1/music/{organization_id}/generations"
    for number in range(3):
        body = {"engine": "studio", "prompt": f"piece {number}", "duration_seconds": 5}
        await client.post(url, json=body, headers=cast.ada.headers)
    jobs = (await client.get(url, headers=cast.ada.headers)).json()["jobs"]
    edges = (await data(client, cast.ada, LIST, id=organization_id))["organization"]["generations"]["edges"]
    assert [
        {
            "id": job["id"],
            "status": job["status"].upper(),
            "progress": job["progress"],
            "engine": job["engine"],
            "mode": job["mode"].upper(),
            "createdAt": job["created_at"],
        }
        for job in jobs
    ] == [edge["node"] for edge in edges]


async def test_engines_have_the_same_fields(client: httpx.AsyncClient, cast: Cast) -> None:
    organization_id = cast.ada.organization_id
    rest = (await client.get(f"/v1/music/{organization_id}/engines", headers=cast.ada.headers)).json()["engines"]
    graphql = (await data(client, cast.ada, ENGINES, id=organization_id))["organization"]["engines"]
    assert [
        {
            **camel({name: value for name, value in engine.items() if name not in _CONVERTED_FIELDS}),
            "key": engine["engine_key"],
            "costChfPerMinute": f"{engine['cost_chf_per_minute']:.2f}",
            "licence": {
                "class": engine["licence_class"].upper(),
                "version": engine["licence_version"],
                "commercialUse": engine["commercial_use"],
                "requiresAttribution": engine["requires_attribution"],
            },
            "queue": camel(engine["queue"]),
        }
        for engine in rest
    ] == graphql


_CONVERTED_FIELDS: Final = {
    "engine_key",
    "cost_chf_per_minute",
    "licence_class",
    "licence_version",
    "commercial_use",
    "requires_attribution",
}


async def test_invalid_input_has_the_same_problems_and_changes_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    command: dict[str, Any] = {"engine": "nope", "prompt": "", "duration_seconds": 0, "style_tags": ["ok", " "]}
    organization_id = cast.ada.organization_id
    url = f"/v1/music/{organization_id}/generations"
    rest = (await client.post(url, json=command, headers=cast.ada.headers)).json()["error"]["details"]["errors"]
    query = """
    mutation($input: CreateGenerationInput!) {
      createGeneration(input: $input) { ... on InvalidInputError { problems { path message } } }
    }
    """
    graphql = await data(client, cast.ada, query, input={"organizationId": organization_id, **camel(command)})
    problems = graphql["createGeneration"]["problems"]
    assert [problem["message"] for problem in rest] == [problem["message"] for problem in problems]
    assert [problem["field"] for problem in rest] == ["engine", "prompt", "duration_seconds", "style_tags.1"]
    assert [problem["path"] for problem in problems] == [
        ["engine"],
        ["prompt"],
        ["durationSeconds"],
        ["styleTags", "1"],
    ]
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM generations")) == 0


FOCUS_COMMANDS: Final[list[dict[str, Any]]] = [
    {"goal": "focus", "target_minutes": 60},
    {
        "goal": "custom_prompt",
        "custom_prompt": "  rain on a tin roof  ",
        "target_minutes": 720,
        "intensity": "high",
        "divergence": 0.7,
        "engine": "studio",
    },
]


def focus_input(command: dict[str, Any], organization_id: str) -> dict[str, Any]:
    """Return the same command as a GraphQL input."""
    words = {name: value.upper() for name, value in command.items() if name in {"goal", "intensity"}}
    return {"organizationId": organization_id, **camel({**command, **words})}


async def session_row(database: Database, session_id: str) -> dict[str, Any]:
    """Return the rows of a session and its jobs without the columns that always differ."""
    own = {
        *UNCOMPARED_COLUMNS,
        "session_id",
        "first_ready_at",
        "last_listened_at",
        "heard_seconds",
        "ready_seconds",
        "ended_at",
        "started_at",
    }
    async with database.transaction() as session:
        found = (await session.execute(text("SELECT * FROM focus_sessions WHERE id = :id"), {"id": session_id})).one()
        statement = "SELECT * FROM generations WHERE session_id = :id ORDER BY created_at"
        jobs = (await session.execute(text(statement), {"id": session_id})).all()
    rows = [found._mapping, *(job._mapping for job in jobs)]
    return {
        f"{number}.{name}": value
        for number, row in enumerate(rows)
        for name, value in row.items()
        if name not in own and not isinstance(value, dict)
    }


@pytest.mark.parametrize("command", FOCUS_COMMANDS, ids=["least", "most"])
async def test_focus_sessions_have_the_same_rows_and_values(
    client: httpx.AsyncClient, database: Database, settings: Settings, cast: Cast, command: dict[str, Any]
) -> None:
    organization_id, headers = cast.ada.organization_id, cast.ada.headers
    url = f"/v1/music/{organization_id}/focus/sessions"
    rest_id = (await client.post(url, json=command, headers=headers)).json()["session_id"]
    graphql_id = (await focus_client.start_focus_session(client, cast.ada, **focus_input(command, organization_id)))[
        "id"
    ]
    assert await session_row(database, rest_id) == await session_row(database, graphql_id)

    for session_id in (rest_id, graphql_id):
        await focus_client.finish_segments(database, settings, session_id, 2)
    by_rest = (await client.get(f"{url}/{rest_id}", headers=headers)).json()
    by_graphql = await focus_client.load_session(client, cast.ada, rest_id)
    assert (by_rest["ready_count"], by_rest["more_pending"]) == (by_graphql["readyCount"], by_graphql["morePending"])
    assert [
        (one["segment_index"], one["measured_duration_seconds"], one["fade_in_ms"], one["fade_out_ms"])
        for one in by_rest["segments"]
    ] == [
        (one["index"], one["measuredDurationSeconds"], one["grid"]["fadeInMs"], one["grid"]["fadeOutMs"])
        for one in by_graphql["segments"]
    ]

    await client.post(f"{url}/{rest_id}/segments/1/promote", json={"title": "Kept"}, headers=headers)
    await focus_client.promote(client, cast.ada, graphql_id, 1, title="Kept")
    async with database.transaction() as session:
        statement = "SELECT title, source FROM library_entries JOIN tracks ON tracks.id = track_id"
        assert (await session.execute(text(statement))).all() == [("Kept", "own")] * 2

    await client.post(f"{url}/{rest_id}/end", headers=headers)
    await focus_client.end_session(client, cast.ada, graphql_id)
    ended = await session_row(database, rest_id)
    assert ended == await session_row(database, graphql_id)
    assert (ended["0.status"], ended["0.end_reason"], ended["3.status"]) == ("ended", "listener", "cancelled")


async def test_invalid_focus_input_has_the_same_problems_and_changes_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    command: dict[str, Any] = {"goal": "custom_prompt", "target_minutes": 0, "divergence": 2.0, "engine": "nope"}
    url = f"/v1/music/{cast.ada.organization_id}/focus/sessions"
    rest = (await client.post(url, json=command, headers=cast.ada.headers)).json()["error"]["details"]["errors"]
    graphql = await focus_client.start(client, cast.ada, **focus_input(command, cast.ada.organization_id))
    assert [problem["message"] for problem in rest] == [problem["message"] for problem in graphql["problems"]]
    assert [problem["field"] for problem in rest] == ["target_minutes", "custom_prompt", "divergence", "engine"]
    assert [problem["path"][0] for problem in graphql["problems"]] == [
        "targetMinutes",
        "customPrompt",
        "divergence",
        "engine",
    ]
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM focus_sessions")) == 0
