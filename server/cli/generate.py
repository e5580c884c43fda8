"""``studio generate``: ask a running studio for a track and save it."""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.settings import Settings
from server.cli import console
from server.cli.console import DataDir, Folder, err, out
from server.cli.up import KEY_FILE
from server.embedded.stack import running

_VIEWER: Final = "{ viewer { organizations { id } } }"
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


@dataclass(frozen=True, slots=True)
class _Studio:
    """A running studio and how to be known there."""

    url: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """The credential."""
        return {"X-API-Key": self.key}

    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a query or a mutation."""
        transport = HTTPXAsyncTransport(f"{self.url}/graphql", headers=self.headers, timeout=30)
        async with Client(transport=transport) as session:
            answer: dict[str, Any] = await session.execute(GraphQLRequest(document, variable_values=variables))
            return answer


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
    studio = _find(console.settings(data_dir=data_dir), url, key)
    wish = {"prompt": prompt, "durationSeconds": duration, "engine": engine, "title": title, "styleTags": style or []}
    started = time.perf_counter()
    try:
        track = asyncio.run(_make(studio, org, {name: value for name, value in wish.items() if value is not None}))
        saved = _save(track["playbackUrl"], output or Path(f"{track['id']}.mp3"))
    except (TransportError, httpx.HTTPError, OSError) as error:
        console.fail(f"{studio.url} could not be asked: {error}")
    _report(track, saved, time.perf_counter() - started, as_json=as_json)


def _find(chosen: Settings, url: str | None, key: str | None) -> _Studio:
    """The studio that was named, or the one that runs on this machine with its first key."""
    live = running(chosen.data_dir)
    address = url or (live.address if live and live.address else chosen.public_url)
    if key is None:
        path = chosen.data_dir / "secrets" / KEY_FILE
        key = path.read_text(encoding="utf-8").strip() if os.access(path, os.R_OK) else None
    if key is None:
        console.fail("an API key is needed: --key, or MUSIC_STUDIO_API_KEY in the environment.")
    return _Studio(address.rstrip("/"), key)


async def _make(studio: _Studio, org: str | None, wish: dict[str, Any]) -> dict[str, Any]:
    """Submit and watch to the end."""
    organization_id = org or (await studio.ask(_VIEWER))["viewer"]["organizations"][0]["id"]
    answer = await studio.ask(_CREATE, {"input": {**wish, "organizationId": organization_id}})
    created = answer["createGeneration"]
    if "generation" not in created:
        problems = [f"{'.'.join(problem['path'])}: {problem['message']}" for problem in created.get("problems", [])]
        console.fail("; ".join(problems) or created["message"])
    return await _watch(studio, created["generation"]["id"])


async def _watch(studio: _Studio, generation_id: str) -> dict[str, Any]:
    address = studio.url.replace("http", "ws", 1) + "/graphql"
    transport = WebsocketsTransport(
        address, init_payload=studio.headers, subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    )
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=err
    )
    with bar:
        task = bar.add_task("queued", total=100)
        async with Client(transport=transport) as session:
            async for update in session.subscribe(GraphQLRequest(_WATCH, variable_values={"id": generation_id})):
                state = update["generationUpdated"]
                bar.update(task, completed=state["progress"], description=state["stage"] or state["status"].lower())
    if state["track"] is None:
        console.fail(
            state["errorMessage"] or state["refusalReason"] or f"the generation was {state['status'].lower()}."
        )
    track: dict[str, Any] = state["track"]
    return track


def _save(url: str, target: Path) -> Path:
    """Download beside the target, then put it in place: never half a file."""
    part = target.with_name(f".{target.name}.part")
    with httpx.stream("GET", url, timeout=30) as response, part.open("wb") as file:
        response.raise_for_status()
        for block in response.iter_bytes():
            file.write(block)
    return part.replace(target)


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
