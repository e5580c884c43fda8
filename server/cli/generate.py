"""``studio generate``: generate a track on a running server and download it."""

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from gql.transport.exceptions import TransportError
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from server.cli import api_client, console
from server.cli.api_client import ApiClient, KeyOption, OrgOption, UrlOption
from server.cli.console import DataDir, err, out

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


def generate(
    prompt: Annotated[str, typer.Argument(help="Description of the music.")],
    duration: Annotated[int, typer.Option(min=1, help="Length in seconds.")] = 60,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="MP3 file to write.", dir_okay=False)] = None,
    engine: Annotated[str | None, typer.Option(help="Engine. Default: the server's.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Style tag. Can be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: chosen by the engine.")] = None,
    org: OrgOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002
    data_dir: DataDir = None,
) -> None:
    """Generate a track on a running server, show its progress and save it as MP3."""
    client = api_client.from_options(console.load_settings(data_dir=data_dir), url, key)
    fields = {"prompt": prompt, "durationSeconds": duration, "engine": engine, "title": title, "styleTags": style or []}
    request = {name: value for name, value in fields.items() if value is not None}
    started = time.perf_counter()
    try:
        track = asyncio.run(_generate(client, org, request))
        path = api_client.download(track["playbackUrl"], output or Path(f"{track['id']}.mp3"))
    except (TransportError, httpx.HTTPError, OSError) as error:
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
