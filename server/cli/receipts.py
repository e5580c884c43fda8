"""``studio receipts``: the keys that sign receipts."""

import orjson
import typer

from resolvers.signing import keyring
from resolvers.signing.signatures import Signer, encoded, key_id
from server.cli import console
from server.cli.console import DataDir, out

receipts = typer.Typer(no_args_is_help=True, help="Keys that sign receipts.")


@receipts.command("keys")
def keys(data_dir: DataDir = None) -> None:
    """Print the public keys as a JSON Web Key Set, the current one first."""
    settings = console.load_settings(data_dir=data_dir)
    try:
        signer = keyring.receipt_signer(settings)
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(orjson.dumps(signer.published(), option=orjson.OPT_INDENT_2).decode(), markup=False)


@receipts.command("new-key")
def new_key() -> None:
    """Print a new private key for MUSIC_STUDIO_RECEIPTS__KEY, and its public key."""
    signer = Signer.new()
    private, public = encoded(signer.private.private_bytes_raw()), encoded(signer.public)
    out.print(f"private  {private}\npublic   {public}", markup=False)


@receipts.command("rotate")
def rotate(data_dir: DataDir = None) -> None:
    """Create a new key in the data folder; the old public key stays published. Restart the servers afterwards."""
    try:
        signer = keyring.rotate(console.load_settings(data_dir=data_dir))
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(f"Restart the servers: they then sign receipts with {key_id(signer.public)}.", markup=False)
