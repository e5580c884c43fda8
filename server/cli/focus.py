"""``studio focus``: music that goes on, shown as it arrives and saved if you like."""

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
from server.cli.api_client import ApiClient
from server.cli.console import DataDir, Folder, out

_START: Final = """
mutation Start($input: StartFocusSessionInput!) {
  startFocusSession(input: $input) {
    __typename
    ... on StartFocusSessionPayload { session { id totalSegments streamUrl } }
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

_ENDS: Final[Mapping[str, str]] = {
    "COMPLETE": "All of it is made.",
    "LISTENER": "It was ended.",
    "CAP": "The organization's spend cap was reached; what is ready stays.",
    "BROKEN": "A segment could not be made; what is ready stays.",
}


def focus(
    goal: Annotated[Goal, typer.Option(help="What the music is for.")] = Goal.FOCUS,
    minutes: Annotated[int, typer.Option(min=1, max=MAX_MINUTES, help="How long it shall last.")] = 60,
    prompt: Annotated[str | None, typer.Option(help="Your own words, with the goal custom_prompt.")] = None,
    intensity: Annotated[Intensity, typer.Option(help="How much shall happen.")] = Intensity.MEDIUM,
    divergence: Annotated[float, typer.Option(min=0, max=1, help="0: siblings, 1: journeys.")] = 0.0,
    prefetch: Annotated[bool, typer.Option("--prefetch", help="All of it at once, not as it plays.")] = False,  # noqa: FBT002
    play_dir: Annotated[
        Path | None, typer.Option(help="Folder to save the segments in as they arrive.", file_okay=False)
    ] = None,
    org: Annotated[str | None, typer.Option(help="Who pays; your first organization if left out.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of the studio; the one that runs here if left out.")] = None,
    key: Annotated[str | None, typer.Option(envvar="MUSIC_STUDIO_API_KEY", help="API key.", show_envvar=True)] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Start music that goes on, and watch its segments arrive. Ctrl-C ends it."""
    studio = api_client.from_options(console.load_settings(data_dir=data_dir), url, key)
    wish: dict[str, Any] = {
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
        # a shell that starts us in the background has it ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)
        asyncio.run(_listen(studio, org, wish, play_dir))
    except (TransportError, httpx.HTTPError, OSError) as error:
        console.fail(f"{studio.url} could not be asked: {error}")
    except KeyboardInterrupt:
        out.print("\nEnded; what is ready can still be played.")


async def _listen(studio: ApiClient, org: str | None, wish: dict[str, Any], folder: Path | None) -> None:
    """Start and watch to the end; whoever stops before it ends the session, too."""
    organization_id = await studio.resolve_organization(org)
    answer = await studio.execute(_START, {"input": {**wish, "organizationId": organization_id}})
    session = api_client.unwrap_payload(answer["startFocusSession"], "session")
    out.print(f"[bold]{session['id']}[/]: {session['totalSegments']} segment(s). Any player plays it as it grows:")
    out.print(f"  {session['streamUrl']}\n", markup=False)
    try:
        await _watch(studio, session["id"], folder)
    except asyncio.CancelledError:
        await studio.execute(_END, {"id": session["id"]})
        raise


async def _watch(studio: ApiClient, session_id: str, folder: Path | None) -> None:
    async with aclosing(studio.subscribe(_WATCH, {"id": session_id})) as updates:
        async for update in updates:
            state = update["focusSessionUpdated"]
            for segment in state["newSegments"]:
                await _arrived(segment, state["session"]["totalSegments"], folder)
    out.print(f"\n{_ENDS[state['session']['endReason']]}")


async def _arrived(segment: dict[str, Any], total: int, folder: Path | None) -> None:
    """One line for a segment that is ready, and its file if somebody wants it."""
    grid, number = segment["grid"], segment["index"] + 1
    line = f"{number:>{len(str(total))}}/{total}  from {_clock(segment['beginsAtSeconds'])}"
    line += f"  {_clock(segment['measuredDurationSeconds'])}  {grid['tempoBpm']:.1f} bpm  {grid['key']}"
    if folder is not None:
        target = folder / f"{number:0{len(str(total))}}.mp3"
        await asyncio.to_thread(api_client.download, segment["playbackUrl"], target)
        line += f"  {target}"
    out.print(line, markup=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
