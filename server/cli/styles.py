"""``studio styles``: the styles that requests can name."""

from dataclasses import asdict
from typing import Annotated

import typer
from music_studio_client.models import EngineStyle

from engines.registry import INSTALLED_ENGINES
from engines.studio.info import STUDIO_INFO
from server.cli import output
from server.cli.api_commands.api_client import KeyOption, connect, find_connection
from server.cli.console import DataDir, JsonOption


def styles(
    engine: Annotated[str | None, typer.Option(help="Engine of the server. Default: its default engine.")] = None,
    url: Annotated[
        str | None,
        typer.Option(envvar="MUSIC_STUDIO_URL", help="URL of a server. Default: list what this installation contains."),
    ] = None,
    api_key: KeyOption = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """List the styles with their slowest, usual and fastest tempo. Without a URL no server is needed."""
    if url is None and engine is None:
        infos = INSTALLED_ENGINES[STUDIO_INFO.key].style_lister()
        found = [EngineStyle.model_validate(asdict(info)) for info in infos]
    else:
        with connect(find_connection(url, api_key, None, data_dir)) as studio:
            found = studio.account.styles(engine)
    rows = [
        {
            "key": style.key,
            "name": style.name,
            "bpm": [style.min_tempo_bpm, style.usual_tempo_bpm, style.max_tempo_bpm],
            "metre": style.metre,
            "moods": style.moods,
        }
        for style in found
    ]
    output.print_rows(rows, ("key", "name", "bpm", "metre", "moods"), found)
