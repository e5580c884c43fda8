"""The keys that sign receipts: shown, and changed for new ones."""

from typing import Annotated

import orjson
import typer

from resolvers.signing import keyring
from resolvers.signing.signatures import Signer, encoded, key_id
from server.cli import console
from server.cli.console import DataDir, Folder, out

receipts = typer.Typer(no_args_is_help=True, help="The keys that sign receipts.")


@receipts.command("keys")
def keys(data_dir: Annotated[Folder | None, DataDir] = None) -> None:
    """Print the public keys as they are published, today's first."""
    chosen = console.load_settings(data_dir=data_dir)
    try:
        signer = keyring.receipt_signer(chosen)
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(orjson.dumps(signer.published(), option=orjson.OPT_INDENT_2).decode(), markup=False)


@receipts.command("new-key")
def new_key() -> None:
    """Print a new private key for MUSIC_STUDIO_RECEIPTS__KEY, and its public half."""
    signer = Signer.new()
    out.print(
        f"private  {encoded(signer.private.private_bytes_raw())}\npublic   {encoded(signer.public)}", markup=False
    )


@receipts.command("rotate")
def rotate(data_dir: Annotated[Folder | None, DataDir] = None) -> None:
    """Make a new key in the data folder; the old one's public half stays published. Restart the servers afterwards."""
    try:
        signer = keyring.rotate(console.load_settings(data_dir=data_dir))
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(f"Receipts are signed with {key_id(signer.public)} once the servers are started again.", markup=False)
