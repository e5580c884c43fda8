"""Tools that find, read and share tracks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from music_studio_client import AsyncMusicStudio
from music_studio_client.models import DownloadFormat, LibraryEntry

from server.mcp import tool_results
from server.mcp.arguments import Audio, GetTrack, SearchLibrary, ShareTrack
from server.mcp.registry import Report, tool
from server.mcp.tool_results import ToolResult


@tool("Get a track", reads=True)
async def get_track(studio: AsyncMusicStudio, arguments: GetTrack, report: Report) -> ToolResult:  # noqa: ARG001
    """Return a track: what it is, how its prompt was followed, its licence, and a file as a short-lived link.

    If file_is_ready is false, the file is being made: call the tool again after a few seconds.
    """
    fields = tool_results.track_details(await studio.tracks.get(arguments.track_id))
    if arguments.audio is Audio.NONE:
        return ToolResult(fields)
    target = DownloadFormat[arguments.format.name]
    download = await studio.tracks.prepare(arguments.track_id, target, arguments.part)
    content, note = await tool_results.file_content(studio, download, arguments.audio)
    return ToolResult({**fields, "file_is_ready": download.is_ready, "note": note}, content)


@tool("Search the library", reads=True)
async def search_library(studio: AsyncMusicStudio, arguments: SearchLibrary, report: Report) -> ToolResult:  # noqa: ARG001
    """Find tracks in the library by words of their title, tags or prompt, the latest first."""
    found = studio.library.list(
        arguments.query, tags=arguments.tags, is_favourite=arguments.is_favourite, page_size=arguments.limit
    )
    entries: list[dict[str, object]] = []
    async with aclosing(cast("AsyncGenerator[LibraryEntry]", found)) as items:
        async for each in items:
            entries.append(tool_results.entry(each))
            if len(entries) == arguments.limit:
                break
    return ToolResult({"tracks": entries})


@tool("Share a track")
async def share_track(studio: AsyncMusicStudio, arguments: ShareTrack, report: Report) -> ToolResult:  # noqa: ARG001
    """Create a public link to a track. Anyone who has the link can listen, without an account."""
    shared = await studio.shares.share_track(arguments.track_id, expires_in_days=arguments.expires_in_days)
    expires_at = shared.link.expires_at and shared.link.expires_at.isoformat()
    return ToolResult({"share_link_id": shared.link.id, "url": shared.url, "expires_at": expires_at})
