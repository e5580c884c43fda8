"""``studio receipts``: the keys that sign receipts."""

import orjson
import typer

from resolvers.signing import keyring
from resolvers.signing.signatures import Signer, encode_base64url, thumbprint
from server.cli import console
from server.cli.console import DataDir, out

receipts = typer.Typer(no_args_is_help=True, help="Keys that sign receipts.")


@receipts.command("keys")
def keys(data_dir: DataDir = None) -> None:
    """Print the public keys as a JSON Web Key Set, the current one first."""
    settings = console.load_settings(data_dir=data_dir)
    try:
        signer = keyring.load_receipt_signer(settings)
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(orjson.dumps(signer.to_jwks(), option=orjson.OPT_INDENT_2).decode(), markup=False)


@receipts.command("new-key")
def new_key() -> None:
    """Print a new private key for MUSIC_STUDIO_RECEIPTS__KEY, and its public key."""
    signer = Signer.generate()
    private, public = encode_base64url(signer.private_key.private_bytes_raw()), encode_base64url(signer.public_key)
    out.print(f"private  {private}\npublic   {public}", markup=False)


@receipts.command("rotate")
def rotate(data_dir: DataDir = None) -> None:
    """Create a new key in the data folder; the old public key stays published. Restart the servers afterwards."""
    try:
        signer = keyring.rotate_receipt_key(console.load_settings(data_dir=data_dir))
    except ValueError as error:
        console.fail(f"{error}.")
    out.print(f"Restart the servers: they then sign receipts with {thumbprint(signer.public_key)}.", markup=False)
