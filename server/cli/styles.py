"""``studio styles``: the styles of the studio engine."""

from engines.studio.styles import STYLES
from server.cli import output
from server.cli.console import JsonOption


def styles(as_json: JsonOption = False) -> None:  # noqa: FBT002, ARG001  its callback reads it
    """List the styles of the studio engine with their slowest, usual and fastest tempo."""
    rows = [
        {"key": style.key, "name": style.name, "bpm": [*style.tempo_range], "moods": [*style.moods]}
        for style in STYLES.values()
    ]
    output.print_rows(rows, ("key", "name", "bpm", "moods"))
