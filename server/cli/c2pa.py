"""``studio c2pa``: certificates for Content Credentials in audio files."""

from typing import Annotated

import typer

from server.cli import c2pa_certificates, console
from server.cli.console import DataDir, out

c2pa = typer.Typer(no_args_is_help=True, help="Content Credentials (C2PA) in audio files.")
# with a callback, Typer requires the name of the only command
c2pa.callback()(lambda: None)


@c2pa.command("init")
def init(
    organization: Annotated[str, typer.Option(help="Organization name in the certificates.")] = "Music Studio",
    data_dir: DataDir = None,
) -> None:
    """Create a certificate chain for development. C2PA readers report its signatures as valid but untrusted."""
    folder = console.load_settings(data_dir=data_dir).data_dir / "secrets" / "c2pa"
    try:
        chain, key = c2pa_certificates.create(folder, organization)
    except FileExistsError:
        console.fail(f"{folder} contains a key: remove it first to create another.")
    out.print(f"MUSIC_STUDIO_C2PA__CHAIN_FILE={chain}\nMUSIC_STUDIO_C2PA__KEY_FILE={key}\n", markup=False)
    out.print("Set these variables for servers and workers to sign new files. The certificates expire after a year.")
