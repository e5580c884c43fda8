"""MCP over HTTP, with the official client: tools, errors, roles, limits and hostile requests."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import httpx2
import jsonschema
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import AudioContent, CallToolResult, ResourceLink
from music_studio_client import AsyncMusicStudio
from sqlalchemy import update

from core.network import tls
from core.spend_windows import Window
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.tables import Membership, Role
from tests.support.users import Cast, Person

pytestmark = pytest.mark.usefixtures("worker")

PROMPT = "solo piano, 70 bpm, no drums"


@asynccontextmanager
async def connected(url: str, person: Person, mode: str = "auto", query: str = "") -> AsyncIterator[Client]:
    """Connect with a person's key, as an agent of today or (legacy) with the handshake of earlier versions."""
    headers = {"Authorization": f"Bearer {person.key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=100) as http,
        Client(streamable_http_client(f"{url}/mcp{query}", http_client=http), mode=mode) as client,
    ):
        yield client


def fields(result: CallToolResult) -> dict[str, Any]:
    """Return the fields of a result, which the text repeats for clients without structured content."""
    assert not result.is_error, result.content
    assert result.content[0].type == "text"
    found: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == found
    return found


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_track_is_priced_made_awaited_and_shared(server_url: str, cast: Cast, mode: str) -> None:
    async with connected(server_url, cast.ada, mode) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert len(tools) == 10
        price = fields(await agent.call_tool("quote", {"duration_seconds": 5}))
        assert (price["cost_chf"], price["fits_under_spend_caps"]) == ("0.0167", True)
        created = fields(await agent.call_tool("create_track", {"prompt": PROMPT, "duration_seconds": 5, "seed": 7}))
        assert (created["status"], created["cost_chf"]) == ("queued", "0.0167")

        values: list[float] = []

        async def follow(progress: float, total: float | None, message: str | None) -> None:
            assert (total, message is None) == (100, False)
            values.append(progress)

        arguments = {"generation_id": created["generation_id"], "audio": "content"}
        result = await agent.call_tool("wait_for_track", arguments, progress_callback=follow)
        done = fields(result)
        assert (done["status"], done["is_finished"], done["track"]["seed"]) == ("succeeded", True, 7)
        assert values == sorted(set(values))
        assert values[-1] == 100
        _, audio, link = result.content
        assert isinstance(audio, AudioContent)
        assert isinstance(link, ResourceLink)
        async with httpx.AsyncClient(timeout=100, verify=tls.default_context()) as http:
            mp3 = (await http.get(link.uri)).content
        assert base64.b64decode(audio.data) == mp3


async def test_errors_are_results_with_the_codes_of_the_api(server_url: str, cast: Cast) -> None:
    async with connected(server_url, cast.ada) as agent:
        assert await error(agent, "create_track", {"prompt": "", "tempo": 80}) == {
            "code": "VALIDATION_ERROR",
            "message": "Arguments are invalid.",
            "problems": [
                {"argument": "prompt", "message": "Must have at least 1 character(s)."},
                {"argument": "tempo", "message": "Unknown field."},
            ],
        }
        refused = await error(agent, "create_track", {"prompt": "jazz", "duration_seconds": 601, "tempo_bpm": 999})
        assert [problem["argument"] for problem in refused["problems"]] == ["duration_seconds", "tempo_bpm"]
        refused = await error(agent, "explain_prompt", {"prompt": "jazz", "tempo_bpm": 999})
        assert refused["problems"] == [{"argument": "tempo_bpm", "message": "Must be from 40 to 220."}]
        refused = await error(agent, "create_track", {"prompt": "jazz", "max_cost_chf": 0.19})
        assert (refused["code"], refused["message"]) == (
            "PRICE_ABOVE_MAXIMUM",
            "The price is 0.2000 CHF, more than max_cost_chf. Nothing was created.",
        )
        for tool, name in (("wait_for_track", "generation_id"), ("get_track", "track_id"), ("share_track", "track_id")):
            assert (await error(agent, tool, {name: "mtrack_0"}))["code"] == "RESOURCE_NOT_FOUND"
        assert (await error(agent, "focus", {"action": "end"}))["message"].startswith("session_id: ")
        with pytest.raises(MCPError, match="Unknown tool: shell"):
            await agent.call_tool("shell", {})
    assert (await list_generations(server_url, cast.ada)) == []


async def error(agent: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await agent.call_tool(tool, arguments)
    assert result.is_error
    found: dict[str, Any] = result.structured_content["error"]
    assert found.pop("trace_id").startswith("req_")
    return found


async def list_generations(url: str, person: Person) -> list[str]:
    async with AsyncMusicStudio(url, person.key) as studio:
        return [each.id async for each in studio.generations.list()]


async def test_a_call_has_the_caps_the_role_and_the_organization_of_its_key(
    server_url: str, database: Database, cast: Cast
) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.DAY, Decimal("0.1"))
    async with connected(server_url, cast.ada) as agent:
        assert not fields(await agent.call_tool("quote", {"duration_seconds": 60}))["fits_under_spend_caps"]
        refused = await error(agent, "create_track", {"prompt": "jazz"})
        assert (refused["code"], refused["window"], refused["limit_chf"]) == ("SPEND_CAP_EXCEEDED", "DAY", "0.1000")
    async with database.transaction() as session:
        await session.execute(update(Membership).values(role=Role.VIEWER))
    async with connected(server_url, cast.bea) as agent:
        assert fields(await agent.call_tool("search_library", {"query": "jazz"})) == {"tracks": []}
        for tool, arguments in (("create_track", {"prompt": "jazz"}), ("focus", {"action": "start"})):
            assert (await error(agent, tool, arguments))["code"] == "OPERATION_NOT_ALLOWED"
    elsewhere = f"?organization={cast.cid.organization_id}"
    async with connected(server_url, cast.bea, query=elsewhere) as agent:
        assert (await error(agent, "quote", {"duration_seconds": 60}))["code"] == "RESOURCE_NOT_FOUND"


async def test_a_wait_ends_in_time_and_can_be_repeated(server_url: str, cast: Cast) -> None:
    async with connected(server_url, cast.ada) as agent:
        created = fields(await agent.call_tool("create_track", {"prompt": "jazz", "duration_seconds": 600}))
        job = {"generation_id": created["generation_id"]}
        waited = fields(await agent.call_tool("wait_for_track", {**job, "timeout_seconds": 0}))
        assert (waited["is_finished"], waited["status"] in {"queued", "running"}) == (False, True)
        waiting = asyncio.create_task(agent.call_tool("wait_for_track", {**job, "timeout_seconds": 100}))
        fields(await agent.call_tool("cancel_generation", job))
        waited = fields(await waiting)
        assert (waited["is_finished"], waited["status"]) == (True, "cancelled")


async def test_a_library_is_searched_a_file_read_and_a_session_run(server_url: str, cast: Cast) -> None:
    async with connected(server_url, cast.ada) as agent:
        arguments = {"prompt": PROMPT, "duration_seconds": 5, "title": "Low Tide", "save_to_library": True}
        created = fields(await agent.call_tool("create_track", arguments))
        job = {"generation_id": created["generation_id"], "audio": "none"}
        result = await agent.call_tool("wait_for_track", job)
        assert len(result.content) == 1
        track_id = fields(result)["track"]["track_id"]
        [found] = fields(await agent.call_tool("search_library", {"query": "tide", "limit": 1}))["tracks"]
        assert (found["track_id"], found["title"]) == (track_id, "Low Tide")
        result = await agent.call_tool("get_track", {"track_id": track_id, "format": "midi", "audio": "content"})
        assert fields(result)["note"] == "audio/midi is not returned as content; use the link."
        shared = fields(await agent.call_tool("share_track", {"track_id": track_id, "expires_in_days": 1}))
        assert shared["url"].startswith(server_url)

        session = fields(await agent.call_tool("focus", {"action": "start", "goal": "sleep", "minutes": 5}))
        job = {"session_id": session["session_id"]}
        steered = fields(await agent.call_tool("focus", {"action": "steer", "intensity": "low", **job}))
        assert steered["heard_in_seconds"] >= 0
        assert fields(await agent.call_tool("focus", {"action": "end", **job}))["status"] == "ended"
        assert fields(await agent.call_tool("focus", {"action": "show", **job}))["status"] == "ended"


async def test_engines_and_schemas_have_their_limits(server_url: str, cast: Cast) -> None:
    async with connected(server_url, cast.ada) as agent:
        [engine] = fields(await agent.call_tool("list_engines", {"styles": True}))["engines"]
        assert (engine["key"], engine["max_duration_seconds"], "techno" in engine["styles"]) == ("studio", 600, True)
        assert engine["capabilities"]["seed"] == {"support": "honoured"}
        assert engine["capabilities"]["tempo_bpm"]["range"] == {"minimum": 40, "maximum": 220}
        reading = fields(await agent.call_tool("explain_prompt", {"prompt": "techno at 128 bpm"}))["reading"]
        assert (reading["tempo_bpm"], reading["style"]["key"]) == (128, "techno")
        for tool in (await agent.list_tools()).tools:
            assert tool.description
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            assert not tool.input_schema["additionalProperties"]
            assert all("description" in each for each in tool.input_schema["properties"].values())
            texts = [each for each in schemas(tool.input_schema) if each.get("type") == "string" and "enum" not in each]
            assert all("maxLength" in each or "pattern" in each for each in texts), texts


def schemas(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  JSON
    """Yield every JSON object in a schema."""
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from schemas(child)
