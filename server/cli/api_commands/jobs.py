"""``studio jobs``: generations in the queue, running and ended."""

from itertools import islice
from typing import Annotated

import typer
from music_studio_client import MusicStudio
from music_studio_client.models import GenerationStatus

from server.cli import output
from server.cli.api_commands import progress
from server.cli.api_commands.api_client import with_client
from server.cli.api_commands.arguments import LimitOption

jobs = typer.Typer(no_args_is_help=True, help="List, watch and cancel generations.")

GenerationId = Annotated[str, typer.Argument(help="Id of the generation.")]


@jobs.command("list")
@with_client
def list_jobs(
    studio: MusicStudio,
    status: Annotated[
        GenerationStatus | None, typer.Option(help="Only with this status.", case_sensitive=False)
    ] = None,
    limit: LimitOption = 20,
) -> None:
    """List the generations, the latest first."""
    found = [*islice(studio.generations.list(status=status), limit)]
    rows = [
        {
            "id": each.id,
            "status": each.status.value.lower(),
            "progress": f"{each.progress} %",
            "track_id": each.result_track_id,
            "chf": each.cost_chf,
            "created": each.created_at,
            "prompt": each.prompt,
        }
        for each in found
    ]
    output.print_rows(rows, ("id", "status", "progress", "track_id", "chf", "created", "prompt"), found)


@jobs.command("watch")
@with_client
def watch(studio: MusicStudio, generation_id: GenerationId) -> None:
    """Follow a generation until it ends. Ctrl-C stops watching; the generation continues."""
    with progress.shown() as update:
        track = studio.generations.wait(generation_id, update)
    output.print_done(f"{track.id}  {track.title}", generationId=generation_id, trackId=track.id, title=track.title)


@jobs.command("cancel")
@with_client
def cancel(studio: MusicStudio, generation_id: GenerationId) -> None:
    """Cancel a generation that has not ended. It costs nothing; a running one ends within seconds."""
    generation = studio.generations.cancel(generation_id)
    status = generation.status.value.lower()
    output.print_done(
        f"{generation_id} is {'being cancelled' if status == 'running' else status}.", id=generation_id, status=status
    )
