"""The transport of MCP over standard input and output, for a client that starts this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.stdio import stdio_server
from music_studio_client import AsyncMusicStudio

from server.mcp.protocol import build_server


async def serve(studio: AsyncMusicStudio) -> None:
    """Serve until standard input ends. All calls use the same client."""

    @asynccontextmanager
    async def connect(_ctx: ServerRequestContext[Any, Any]) -> AsyncIterator[AsyncMusicStudio]:
        yield studio

    server = build_server(connect)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
