"""``studio generate`` and ``studio focus``: generate a track or run a focus session on a running server."""

import asyncio
import json
import signal
import time
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from gql.transport.exceptions import TransportError
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.focus import MAX_MINUTES, Goal, Intensity
from server.cli import api_client, console, control_options
from server.cli.api_client import ApiClient, KeyOption, OrgOption, UrlOption
from server.cli.console import DataDir, err, out
from server.cli.control_options import (
    BrightnessOption,
    DensityOption,
    ExcludeOption,
    IncludeOption,
    IntensityOption,
    MetreOption,
    NegativePromptOption,
    OnlyOption,
    StructureOption,
    TempoOption,
)

_REQUEST_ERRORS: Final = (TransportError, httpx.HTTPError, OSError)
_CREATE: Final = """
mutation Create($input: CreateGenerationInput!) {
  result: createGeneration(input: $input) {
    ... on CreateGenerationPayload { value: generation { id } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
_WATCH: Final = """
subscription Watch($id: ID!) {
  generationUpdated(id: $id) {
    status progress stage errorMessage refusalReason
    track {
      id title tempoBpm key style measuredDurationSeconds playbackUrl
      licence { class commercialUse requiresAttribution }
    }
  }
}
"""

_START_SESSION: Final = """
mutation Start($input: StartFocusSessionInput!) {
  result: startFocusSession(input: $input) {
    ... on StartFocusSessionPayload { value: session { id totalSegments streamUrl } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
_WATCH_SESSION: Final = """
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
_END_SESSION: Final = "mutation End($id: ID!) { endFocusSession(input: { id: $id }) { __typename } }"

_END_MESSAGES: Final[Mapping[str, str]] = {
    "COMPLETE": "All segments are ready.",
    "LISTENER": "The session was ended.",
    "CAP": "The organization's spend cap was reached; the finished segments can be played.",
    "BROKEN": "A segment could not be rendered; the finished segments can be played.",
}


def generate(
    prompt: Annotated[str, typer.Argument(help="Description of the music.")],
    duration: Annotated[int, typer.Option(min=1, help="Length in seconds.")] = 60,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="MP3 file to write.", dir_okay=False)] = None,
    engine: Annotated[str | None, typer.Option(help="Engine. Default: the server's.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Style tag. Can be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: chosen by the engine.")] = None,
    tempo_bpm: TempoOption = None,
    in_key: Annotated[str | None, typer.Option(help="Musical key, such as C# minor, Bb or Gm.")] = None,
    metre: MetreOption = None,
    negative_prompt: NegativePromptOption = None,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    only: OnlyOption = None,
    structure: StructureOption = None,
    intensity: IntensityOption = None,
    density: DensityOption = None,
    brightness: BrightnessOption = None,
    org: OrgOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002
    data_dir: DataDir = None,
) -> None:
    """Generate a track on a running server, show its progress and save it as MP3."""
    client = api_client.from_options(console.load_settings(data_dir=data_dir), url, key)
    fields = {
        "prompt": prompt,
        "durationSeconds": duration,
        "engine": engine,
        "title": title,
        "styleTags": style or [],
        "tempoBpm": tempo_bpm,
        "key": in_key,
        "metre": metre,
        "negativePrompt": negative_prompt,
        "instruments": control_options.instruments(include, exclude, only) if include or exclude or only else None,
        "structure": control_options.section_names(structure) or None,
        "intensity": intensity,
        "density": density,
        "brightness": brightness,
    }
    request = {name: value for name, value in fields.items() if value is not None}
    started = time.perf_counter()
    try:
        track = asyncio.run(_generate(client, org, request))
        path = api_client.download(track["playbackUrl"], output or Path(f"{track['id']}.mp3"))
    except _REQUEST_ERRORS as error:
        console.fail(f"the request to {client.url} failed: {error}")
    _print_track(track, path, time.perf_counter() - started, as_json=as_json)


async def _generate(client: ApiClient, org: str | None, request: dict[str, Any]) -> dict[str, Any]:
    """Create a generation and wait for its track."""
    generation = await client.mutate(_CREATE, org, request)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("queued", total=100)
        async for event in client.subscribe(_WATCH, {"id": generation["id"]}):
            state = event["generationUpdated"]
            progress.update(task, completed=state["progress"], description=state["stage"] or state["status"].lower())
    if state["track"] is None:
        console.fail(
            state["errorMessage"] or state["refusalReason"] or f"the generation was {state['status'].lower()}."
        )
    track: dict[str, Any] = state["track"]
    return track


def _print_track(track: dict[str, Any], path: Path, seconds: float, *, as_json: bool) -> None:
    if as_json:
        fields = {name: value for name, value in track.items() if name != "playbackUrl"}
        typer.echo(json.dumps({**fields, "file": str(path), "tookSeconds": round(seconds, 2)}))
        return
    licence = track["licence"]
    use = "commercial use allowed" if licence["commercialUse"] else "no commercial use"
    attribution = ", attribution required" if licence["requiresAttribution"] else ""
    out.print(f"[bold]{track['title']}[/]")
    out.print(f"  {track['key']}, {track['tempoBpm']:g} bpm, {track['measuredDurationSeconds']:g} s, {track['style']}")
    out.print(f"  {licence['class'].lower()}: {use}{attribution}")
    out.print(f"  {path}, after {seconds:.1f} s")


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
        asyncio.run(_run_session(client, org, request, play_dir))
    except _REQUEST_ERRORS as error:
        console.fail(f"the request to {client.url} failed: {error}")
    except KeyboardInterrupt:
        out.print("\nSession ended; the finished segments can be played.")


async def _run_session(client: ApiClient, org: str | None, request: dict[str, Any], folder: Path | None) -> None:
    """Start a session and follow it until it ends. Cancellation ends the session."""
    session = await client.mutate(_START_SESSION, org, request)
    out.print(f"[bold]{session['id']}[/]: {session['totalSegments']} segment(s). Play the stream in any HLS player:")
    out.print(f"  {session['streamUrl']}\n", markup=False)
    try:
        await _watch_session(client, session["id"], folder)
    except asyncio.CancelledError:
        await client.execute(_END_SESSION, {"id": session["id"]})
        raise


async def _watch_session(client: ApiClient, session_id: str, folder: Path | None) -> None:
    async with aclosing(client.subscribe(_WATCH_SESSION, {"id": session_id})) as events:
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
