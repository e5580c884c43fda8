"""Tools that explain, price, make and cancel tracks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from typing import Final, cast

from music_studio_client import AsyncMusicStudio
from music_studio_client.models import GenerationState, GenerationStatus

from server.mcp import tool_results
from server.mcp.arguments import Audio, CreateTrack, ExplainPrompt, Generation, GetQuote, ListEngines, WaitForTrack
from server.mcp.registry import Report, tool
from server.mcp.tool_results import ToolRefusedError, ToolResult

_UNFINISHED: Final = (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


@tool("List engines", reads=True)
async def list_engines(studio: AsyncMusicStudio, arguments: ListEngines, report: Report) -> ToolResult:  # noqa: ARG001
    """List the engines: limits, prices per minute in CHF, licences, what they do with each field, on request styles."""
    engines = [tool_results.engine(each) for each in await studio.account.engines()]
    if arguments.styles:
        for each in engines:
            each["styles"] = [style.key for style in await studio.account.styles(str(each["key"]))]
    return ToolResult({"engines": engines})


@tool("Explain a prompt", reads=True)
async def explain_prompt(studio: AsyncMusicStudio, arguments: ExplainPrompt, report: Report) -> ToolResult:  # noqa: ARG001
    """Show how a prompt is read: style, tempo, key, instruments, form, and the words that have no effect. Free."""
    reading = await studio.generations.explain(**arguments.model_dump())
    return ToolResult({"reading": tool_results.plain(reading)})


@tool("Quote a price", reads=True)
async def quote(studio: AsyncMusicStudio, arguments: GetQuote, report: Report) -> ToolResult:  # noqa: ARG001
    """Return the price of a track in CHF, and the spend cap that it would exceed, if any. Nothing is reserved."""
    found = await studio.account.quote(arguments.duration_seconds, engine=arguments.engine)
    return ToolResult({**found.model_dump(mode="json"), "fits_under_spend_caps": found.exceeded_cap is None})


@tool("Create a track")
async def create_track(studio: AsyncMusicStudio, arguments: CreateTrack, report: Report) -> ToolResult:  # noqa: ARG001
    """Order a track and return the generation ID and the price at once; then call wait_for_track.

    The price is charged when the track is finished. It is not charged if the generation fails or is cancelled.
    """
    if arguments.max_cost_chf is not None:
        price = await studio.account.quote(arguments.duration_seconds, engine=arguments.engine)
        if price.cost_chf > Decimal(str(arguments.max_cost_chf)):
            message = f"The price is {price.cost_chf} CHF, more than max_cost_chf. Nothing was created."
            raise ToolRefusedError("PRICE_ABOVE_MAXIMUM", message)
    fields = arguments.model_dump(exclude={"max_cost_chf"})
    created = await studio.generations.create(**{**fields, "instrumental": arguments.instrumental or None})
    return ToolResult(tool_results.generation(created))


@tool("Wait for a track", reads=True)
async def wait_for_track(studio: AsyncMusicStudio, arguments: WaitForTrack, report: Report) -> ToolResult:
    """Wait until a generation ends, and return its track with a short-lived link to the audio.

    If is_finished is false, the time is over: call the tool again. The generation continues in any case.
    """
    state = await _follow(studio, arguments, report)
    fields = {**tool_results.generation(state), "is_finished": state.status not in _UNFINISHED}
    if state.track is None:
        return ToolResult(fields)
    fields["track"] = tool_results.track_details(state.track)
    if arguments.audio is Audio.NONE:
        return ToolResult(fields)
    download = await studio.tracks.prepare(state.track.id)
    content, note = await tool_results.file_content(studio, download, arguments.audio)
    return ToolResult({**fields, "note": note}, content)


async def _follow(studio: AsyncMusicStudio, arguments: WaitForTrack, report: Report) -> GenerationState:
    """Return the final state, or the current one when the time is over."""
    state, reported = None, -1
    watched = cast("AsyncGenerator[GenerationState]", studio.generations.watch(arguments.generation_id))
    try:
        async with asyncio.timeout(arguments.timeout_seconds), aclosing(watched) as states:
            async for state in states:
                # each value must be higher than the one before
                if state.progress > reported:
                    reported = state.progress
                    await report(reported, 100, state.stage or state.status.value.lower())
    except TimeoutError:
        pass
    return state or await studio.generations.get(arguments.generation_id)


@tool("Cancel a generation", destroys=True, repeatable=True)
async def cancel_generation(studio: AsyncMusicStudio, arguments: Generation, report: Report) -> ToolResult:  # noqa: ARG001
    """Cancel a generation. It costs nothing unless its track is finished; a running one ends within seconds."""
    return ToolResult(tool_results.generation(await studio.generations.cancel(arguments.generation_id)))
