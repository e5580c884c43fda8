"""``studio mcp``: the tools over standard input and output, with the official client."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.server.context import ServerRequestContext
from music_studio_client import AsyncMusicStudio

from core.settings import PROJECT
from server.mcp.protocol import TOOLS, build_server
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker")


async def test_an_agent_makes_a_track_through_the_command(server_url: str, cast: Cast) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "server.cli", "mcp", "--url", server_url, "--org", cast.ada.organization_id],
        env={"MUSIC_STUDIO_API_KEY": cast.ada.key},
        cwd=PROJECT,
    )
    async with Client(stdio_client(command)) as agent:
        assert agent.server_info is not None
        assert agent.server_info.title == "Music Studio"
        assert [tool.name for tool in (await agent.list_tools()).tools] == list(TOOLS)
        created = await agent.call_tool("create_track", {"prompt": "solo piano", "duration_seconds": 5})
        messages: list[str | None] = []

        async def follow(progress: float, total: float | None, message: str | None) -> None:
            assert 0 <= progress <= (total or 0)
            messages.append(message)

        job = {"generation_id": created.structured_content["generation_id"]}
        done = await agent.call_tool("wait_for_track", job, progress_callback=follow)
        assert done.structured_content["is_finished"]
        assert done.structured_content["track"]["audio_url"].startswith(server_url)
        assert done.content[1].type == "resource_link"
        assert messages
        refused = await agent.call_tool("get_track", {"track_id": "mtrack_0"})
        assert refused.structured_content["error"]["code"] == "RESOURCE_NOT_FOUND"


async def test_an_unreachable_server_is_an_error_of_the_tool(unused_tcp_port: int) -> None:
    @asynccontextmanager
    async def connect(_ctx: ServerRequestContext[Any, Any]) -> AsyncIterator[AsyncMusicStudio]:
        async with AsyncMusicStudio(f"http://127.0.0.1:{unused_tcp_port}", "ak_none") as studio:
            yield studio

    async with Client(build_server(connect)) as agent:
        result = await agent.call_tool("list_engines", {})
    assert result.is_error
    error = result.structured_content["error"]
    assert (error["code"], "does not answer" in error["message"]) == ("CONNECTION_FAILED", True)
