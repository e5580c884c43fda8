"""``studio mcp``: the tools for agents over standard input and output."""

import asyncio

from music_studio_client import AsyncMusicStudio

from server.cli.api_commands.api_client import Connection, with_connection
from server.mcp import stdio


@with_connection
def mcp(connection: Connection) -> None:
    """Serve the tools for agents over standard input and output (Model Context Protocol).

    An agent's program starts this command. A running server serves the same tools over HTTP at `/mcp`.
    """

    async def run() -> None:
        async with AsyncMusicStudio(connection.url, connection.api_key, connection.organization_id) as studio:
            await stdio.serve(studio)

    asyncio.run(run())
