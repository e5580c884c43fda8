"""``studio generate``: ask a running studio for a track and save it."""

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
from server.cli.api_client import ApiClient
from server.cli.console import DataDir, Folder, err, out

_CREATE: Final = """
mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename
    ... on CreateGenerationPayload { generation { id } }
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
    prompt: Annotated[str, typer.Argument(help="The music in words.")],
    duration: Annotated[int, typer.Option(min=1, help="Length in seconds.")] = 60,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to save the MP3.", dir_okay=False)
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Engine; the default one if left out.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Style tag; may be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="Title; the engine finds one if left out.")] = None,
    org: Annotated[str | None, typer.Option(help="Who pays; your first organization if left out.")] = None,
    url: Annotated[str | None, typer.Option(help="Address of the studio; the one that runs here if left out.")] = None,
    key: Annotated[str | None, typer.Option(envvar="MUSIC_STUDIO_API_KEY", help="API key.", show_envvar=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,  # noqa: FBT002
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Ask a running studio for a track, watch it being made, and save it."""
    studio = api_client.from_options(console.load_settings(data_dir=data_dir), url, key)
    wish = {"prompt": prompt, "durationSeconds": duration, "engine": engine, "title": title, "styleTags": style or []}
    started = time.perf_counter()
    try:
        track = asyncio.run(_make(studio, org, {name: value for name, value in wish.items() if value is not None}))
        saved = api_client.download(track["playbackUrl"], output or Path(f"{track['id']}.mp3"))
    except (TransportError, httpx.HTTPError, OSError) as error:
        console.fail(f"{studio.url} could not be asked: {error}")
    _report(track, saved, time.perf_counter() - started, as_json=as_json)


async def _make(studio: ApiClient, org: str | None, wish: dict[str, Any]) -> dict[str, Any]:
    """Submit and watch to the end."""
    organization_id = await studio.resolve_organization(org)
    answer = await studio.execute(_CREATE, {"input": {**wish, "organizationId": organization_id}})
    generation = api_client.unwrap_payload(answer["createGeneration"], "generation")
    return await _watch(studio, generation["id"])


async def _watch(studio: ApiClient, generation_id: str) -> dict[str, Any]:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=err
    )
    with bar:
        task = bar.add_task("queued", total=100)
        async for update in studio.subscribe(_WATCH, {"id": generation_id}):
            state = update["generationUpdated"]
            bar.update(task, completed=state["progress"], description=state["stage"] or state["status"].lower())
    if state["track"] is None:
        console.fail(
            state["errorMessage"] or state["refusalReason"] or f"the generation was {state['status'].lower()}."
        )
    track: dict[str, Any] = state["track"]
    return track


def _report(track: dict[str, Any], saved: Path, seconds: float, *, as_json: bool) -> None:
    if as_json:
        facts = {name: value for name, value in track.items() if name != "playbackUrl"}
        typer.echo(json.dumps({**facts, "file": str(saved), "tookSeconds": round(seconds, 2)}))
        return
    licence = track["licence"]
    use = "commercial use allowed" if licence["commercialUse"] else "no commercial use"
    credit = ", attribution required" if licence["requiresAttribution"] else ""
    out.print(f"[bold]{track['title']}[/]")
    out.print(f"  {track['key']}, {track['tempoBpm']:g} bpm, {track['measuredDurationSeconds']:g} s, {track['style']}")
    out.print(f"  {licence['class'].lower()}: {use}{credit}")
    out.print(f"  {saved}, after {seconds:.1f} s")
