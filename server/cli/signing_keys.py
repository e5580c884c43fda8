"""``studio signing-keys``, ``receipts`` and ``c2pa``: keys of URLs, of receipts and of Content Credentials."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core import clock
from resolvers.signing import keyring
from resolvers.signing.signatures import Signer, encode_base64url, thumbprint
from server.cli import console, output
from server.cli.console import DataDir, JsonOption, out

url_keys = typer.Typer(no_args_is_help=True, help="Keys that sign the URLs of files and streams.")
receipts = typer.Typer(no_args_is_help=True, help="Keys that sign receipts.")
c2pa = typer.Typer(no_args_is_help=True, help="Content Credentials (C2PA) in audio files.")
# with a callback, Typer requires the name of the only command
c2pa.callback()(lambda: None)

_LIFETIME: Final = timedelta(days=365)
_CLOCK_SKEW: Final = timedelta(days=1)
_Key = ec.EllipticCurvePrivateKey


@url_keys.command("list")
def list_url_keys(
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """List the ids of the keys, to compare machines: the first signs, all are accepted."""
    settings = console.load_settings(data_dir=data_dir)
    found = [
        {
            "id": keyring.key_id(key),
            "signs": number == 0,
            "origin": "settings" if settings.signing_keys else "data folder",
        }
        for number, key in enumerate(keyring.load_url_keys(settings))
    ]
    output.print_rows(found, ("id", "signs", "origin"))


@url_keys.command("new-key")
def new_url_key() -> None:
    """Print a new key for MUSIC_STUDIO_SIGNING_KEYS."""
    typer.echo(keyring.new_url_key())


@url_keys.command("rotate")
def rotate_url_key(
    keep: Annotated[int, typer.Option(min=0, help="Number of earlier keys whose URLs stay valid.")] = 1,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create a new key in the data folder. Restart the server afterwards.

    Without `--keep 0` URLs in use stay valid until they expire, after at most a day by default.
    """
    try:
        first = keyring.rotate_url_key(console.load_settings(data_dir=data_dir), keep)[0]
    except ValueError as error:
        console.fail(f"{error}.")
    output.print_done(
        f"Restart the server: it then signs URLs with the key {keyring.key_id(first)}.", id=keyring.key_id(first)
    )


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
def new_key(
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """Print a new private key for MUSIC_STUDIO_RECEIPTS__KEY, and its public key."""
    signer = Signer.generate()
    private, public = encode_base64url(signer.private_key.private_bytes_raw()), encode_base64url(signer.public_key)
    output.print_done(f"private  {private}\npublic   {public}", private=private, public=public)


@receipts.command("rotate")
def rotate(
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create a new key in the data folder; the old public key stays published. Restart the servers afterwards."""
    try:
        signer = keyring.rotate_receipt_key(console.load_settings(data_dir=data_dir))
    except ValueError as error:
        console.fail(f"{error}.")
    key_id = thumbprint(signer.public_key)
    output.print_done(f"Restart the servers: they then sign receipts with {key_id}.", id=key_id)


@c2pa.command("init")
def init(
    organization: Annotated[str, typer.Option(help="Organization name in the certificates.")] = "Music Studio",
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Create a certificate chain for development. C2PA readers report its signatures as valid but untrusted."""
    folder = console.load_settings(data_dir=data_dir).data_dir / "secrets" / "c2pa"
    try:
        chain, key = create_certificates(folder, organization)
    except FileExistsError:
        console.fail(f"{folder} contains a key: remove it first to create another.")
    output.print_done(
        f"MUSIC_STUDIO_C2PA__CHAIN_FILE={chain}\nMUSIC_STUDIO_C2PA__KEY_FILE={key}\n\n"
        "Set these variables for servers and workers to sign new files. The certificates expire after a year.",
        chain_file=str(chain),
        key_file=str(key),
    )


def create_certificates(folder: Path, organization: str) -> tuple[Path, Path]:
    """Write chain.pem, and key.pem with mode 0600. Raises FileExistsError. The root's private key is discarded."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chain, private = folder / "chain.pem", folder / "key.pem"
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name(organization, "Development root"), _name(organization, "Development signer")
    root = _certify(root_name, root_key, root_name, root_key)
    signer = _certify(name, key, root_name, root_key)
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    chain.write_bytes(b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in (signer, root)))
    return chain, private


def _name(organization: str, common_name: str) -> x509.Name:
    attributes = {NameOID.ORGANIZATION_NAME: organization, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes.items()])


def _certify(name: x509.Name, key: _Key, issuer: x509.Name, issuer_key: _Key) -> x509.Certificate:
    """Follow the certificate profile of the C2PA specification: signers have the extended key usage emailProtection."""
    public, now, is_root = key.public_key(), clock.now(), key is issuer_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_key_usage(is_root=is_root), critical=True)
    )
    if not is_root:
        email = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(email, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(*, is_root: bool) -> x509.KeyUsage:
    encryption = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    unused = dict.fromkeys(("content_commitment", *encryption), False)
    return x509.KeyUsage(digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, **unused)
