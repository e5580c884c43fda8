"""Signed manifests in audio files."""

from typing import Annotated

import typer

from server.cli import c2pa_certificates, console
from server.cli.console import DataDir, Folder, out

c2pa = typer.Typer(no_args_is_help=True, help="Signed manifests in audio files (C2PA).")
# a single command keeps its name
c2pa.callback()(lambda: None)


@c2pa.command("init")
def init(
    organization: Annotated[str, typer.Option(help="In whose name files are signed.")] = "Music Studio",
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Make a chain to try signing with; readers call it valid and untrusted."""
    folder = console.load_settings(data_dir=data_dir).data_dir / "secrets" / "c2pa"
    try:
        chain, key = c2pa_certificates.make(folder, organization)
    except FileExistsError:
        console.fail(f"{folder} has a key already: remove it first if you mean to have another.")
    out.print(f"MUSIC_STUDIO_C2PA__CHAIN_FILE={chain}\nMUSIC_STUDIO_C2PA__KEY_FILE={key}\n", markup=False)
    out.print("Set these two for servers and workers, and new files are signed. Good for a year, and for development.")
