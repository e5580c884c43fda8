"""The tool that runs focus sessions."""

from music_studio_client import AsyncMusicStudio
from music_studio_client.models import FocusGoal, FocusIntensity

from core.focus import Intensity
from server.mcp import tool_results
from server.mcp.arguments import Focus, FocusAction
from server.mcp.registry import Report, tool
from server.mcp.tool_results import ToolRefusedError, ToolResult


@tool("Run a focus session")
async def focus(studio: AsyncMusicStudio, arguments: Focus, report: Report) -> ToolResult:  # noqa: ARG001
    """Start, show, steer or end a focus session: endless music for concentration, rest or sleep.

    stream_url is an HLS stream for a player. Segments are made while someone listens, and each costs the engine's price
    per minute.
    """
    if arguments.action is FocusAction.START:
        return await _start(studio, arguments)
    if arguments.session_id is None:
        raise ToolRefusedError("VALIDATION_ERROR", f"session_id: {arguments.action} needs the ID of the session.")
    match arguments.action:
        case FocusAction.STEER:
            steered = await studio.focus.steer(
                arguments.session_id,
                intensity=_intensity(arguments.intensity),
                divergence=arguments.divergence,
                prompt=arguments.prompt,
            )
            return ToolResult({**tool_results.session(steered.session), "heard_in_seconds": steered.in_seconds})
        case FocusAction.END:
            return ToolResult(tool_results.session(await studio.focus.end(arguments.session_id)))
    return ToolResult(tool_results.session(await studio.focus.get(arguments.session_id)))


async def _start(studio: AsyncMusicStudio, arguments: Focus) -> ToolResult:
    started = await studio.focus.start(
        FocusGoal[arguments.goal.name],
        minutes=arguments.minutes,
        prompt=arguments.prompt,
        intensity=_intensity(arguments.intensity) or FocusIntensity.MEDIUM,
        divergence=arguments.divergence or 0,
        engine=arguments.engine,
    )
    return ToolResult(tool_results.session(started))


def _intensity(intensity: Intensity | None) -> FocusIntensity | None:
    return FocusIntensity[intensity.name] if intensity else None
