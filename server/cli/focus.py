"""``studio focus``: run a focus session, and print or save its segments."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from gql.transport.exceptions import TransportError

from core.focus import MAX_MINUTES, Goal, Intensity
from server.cli import api_client, console
from server.cli.api_client import ApiClient, KeyOption, OrgOption, UrlOption
from server.cli.console import DataDir, out

_START: Final = """
mutation Start($input: StartFocusSessionInput!) {
  result: startFocusSession(input: $input) {
    ... on StartFocusSessionPayload { value: session { id totalSegments streamUrl } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
_WATCH: Final = """
subscription Watch($id: ID!) {
  focusSessionUpdated(id: $id) {
    newSegments {
      index beginsAtSeconds measuredDurationSeconds playbackUrl
      grid { tempoBpm key overlapMs }
    }
    session { status endReason readyCount totalSegments }
  }
}
"""
_END: Final = "mutation End($id: ID!) { endFocusSession(input: { id: $id }) { __typename } }"

_END_MESSAGES: Final[Mapping[str, str]] = {
    "COMPLETE": "All segments are ready.",
    "LISTENER": "The session was ended.",
    "CAP": "The organization's spend cap was reached; the finished segments can be played.",
    "BROKEN": "A segment could not be rendered; the finished segments can be played.",
}


def focus(
    goal: Annotated[Goal, typer.Option(help="Purpose of the music.")] = Goal.FOCUS,
    minutes: Annotated[int, typer.Option(min=1, max=MAX_MINUTES, help="Length in minutes.")] = 60,
    prompt: Annotated[str | None, typer.Option(help="Prompt. Sets the goal to custom_prompt.")] = None,
    intensity: Annotated[Intensity, typer.Option(help="Intensity of the music.")] = Intensity.MEDIUM,
    divergence: Annotated[
        float, typer.Option(min=0, max=1, help="Difference between segments, from 0 (similar) to 1.")
    ] = 0.0,
    prefetch: Annotated[bool, typer.Option("--prefetch", help="Render all segments at once.")] = False,  # noqa: FBT002
    play_dir: Annotated[Path | None, typer.Option(help="Folder for the segments as MP3.", file_okay=False)] = None,
    org: OrgOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    data_dir: DataDir = None,
) -> None:
    """Start a focus session and print its segments as they are rendered. Ctrl-C ends the session."""
    client = api_client.from_options(console.load_settings(data_dir=data_dir), url, key)
    request: dict[str, Any] = {
        "goal": goal.name if prompt is None else Goal.CUSTOM_PROMPT.name,
        "targetMinutes": minutes,
        "intensity": intensity.name,
        "divergence": divergence,
        "prefetch": prefetch,
        "customPrompt": prompt,
    }
    if play_dir is not None:
        play_dir.mkdir(parents=True, exist_ok=True)
    try:
        # a shell starts a background process with SIGINT ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asyncio.run(_run(client, org, request, play_dir))
    except (TransportError, httpx.HTTPError, OSError) as error:
        console.fail(f"the request to {client.url} failed: {error}")
    except KeyboardInterrupt:
        out.print("\nSession ended; the finished segments can be played.")


async def _run(client: ApiClient, org: str | None, request: dict[str, Any], folder: Path | None) -> None:
    """Start a session and follow it until it ends. Cancellation ends the session."""
    session = await client.mutate(_START, org, request)
    out.print(f"[bold]{session['id']}[/]: {session['totalSegments']} segment(s). Play the stream in any HLS player:")
    out.print(f"  {session['streamUrl']}\n", markup=False)
    try:
        await _watch(client, session["id"], folder)
    except asyncio.CancelledError:
        await client.execute(_END, {"id": session["id"]})
        raise


async def _watch(client: ApiClient, session_id: str, folder: Path | None) -> None:
    async with aclosing(client.subscribe(_WATCH, {"id": session_id})) as events:
        async for event in events:
            state = event["focusSessionUpdated"]
            for segment in state["newSegments"]:
                await _print_segment(segment, state["session"]["totalSegments"], folder)
    out.print(f"\n{_END_MESSAGES[state['session']['endReason']]}")


async def _print_segment(segment: dict[str, Any], total: int, folder: Path | None) -> None:
    """Print one line for a segment; download its file if there is a folder."""
    grid, number = segment["grid"], segment["index"] + 1
    line = f"{number:>{len(str(total))}}/{total}  from {_format_time(segment['beginsAtSeconds'])}"
    line += f"  {_format_time(segment['measuredDurationSeconds'])}  {grid['tempoBpm']:.1f} bpm  {grid['key']}"
    if folder is not None:
        target = folder / f"{number:0{len(str(total))}}.mp3"
        await asyncio.to_thread(api_client.download, segment["playbackUrl"], target)
        line += f"  {target}"
    out.print(line, markup=False)


def _format_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
