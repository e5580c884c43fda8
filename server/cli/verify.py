"""``studio verify``: check a file against its receipt, offline, or ask a server about its hash."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import httpx
import orjson
import typer

from core.settings import Settings
from core.track_tags import TrackTagScanner
from resolvers.receipts.receipts import KIND
from resolvers.signing import keyring, signatures
from resolvers.signing.signatures import PublicKeys
from server.cli import console
from server.cli.console import DataDir, out

GENUINE: Final = 0
ALTERED: Final = 3
UNKNOWN: Final = 4
FORGED: Final = 5

_BLOCK_BYTES: Final = 1 << 20
_MAX_JSON_BYTES: Final = 8 << 20
"""More than any receipt or key set."""


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File to check.")],
    receipt: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Receipt. Default: FILE.receipt.json or receipt.json."),
    ] = None,
    keys: Annotated[
        str | None, typer.Option(help="Public keys of the issuer: a file or a URL. Default: this installation's.")
    ] = None,
    server: Annotated[str | None, typer.Option(help="URL of a server to ask instead of using a receipt.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Check a file against its receipt.

    Exit status: 0 genuine, 1 error, 3 altered, 4 unknown, 5 forged receipt.
    """
    sha256, track_id = _identify(file)
    if server is not None:
        _verify_on_server(server, file, sha256, track_id)
    path = receipt or _find_receipt(file)
    if path is None:
        tag = f"is tagged as {track_id}" if track_id else "has no Music Studio tag"
        _finish(UNKNOWN, f"{file} {tag}, and no receipt was found: use --receipt.")
    document = _parse(path.read_bytes()[: _MAX_JSON_BYTES + 1], str(path))
    _check_signature(document, path, _load_keys(keys, console.load_settings(data_dir=data_dir)))
    _compare(file, sha256, track_id, document)


def _identify(file: Path) -> tuple[str, str | None]:
    """Return the SHA-256 of a file, and the track id in its tags."""
    digest, tags = hashlib.sha256(), TrackTagScanner()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
            tags.feed(block)
    return digest.hexdigest(), tags.track_id()


def _find_receipt(file: Path) -> Path | None:
    candidates = (file.with_name(f"{file.name}.receipt.json"), file.with_name("receipt.json"))
    return next((path for path in candidates if path.is_file()), None)


def _check_signature(document: Mapping[str, Any], path: Path, keys: PublicKeys) -> None:
    if document.get("kind") != KIND:
        _finish(FORGED, f"{path} is not a Music Studio receipt.")
    key_id = signatures.find_key_id(document)
    if key_id not in keys:
        issuer = document.get("issuer")
        _finish(
            UNKNOWN,
            f"{path} is signed with the key {key_id}, which is not among the given public keys. If you trust "
            f"{issuer}, use --keys {issuer}/.well-known/music-studio-keys.json.",
        )
    if not signatures.is_valid(document, keys):
        _finish(FORGED, f"{path} is forged: its signature is invalid.")


def _compare(file: Path, sha256: str, track_id: str | None, document: Mapping[str, Any]) -> NoReturn:
    for entry in document["files"]:
        if entry["sha256"] == sha256:
            name = f"{entry['role']} {entry['name']}".strip()
            _finish(GENUINE, f"{file} is genuine: the {name} of {_describe(document)}.")
    if track_id == document["track_id"]:
        _finish(ALTERED, f"{file} is altered: it is tagged as {track_id}, but its hash is not in the receipt.")
    _finish(UNKNOWN, f"{file} is not in the receipt of {document['track_id']}.")


def _describe(document: Mapping[str, Any]) -> str:
    licence = document["licence"]
    use = "commercial use is allowed" if licence["commercial_use"] else "commercial use is not allowed"
    attribution = ", attribution is required" if licence["requires_attribution"] else ""
    return (
        f"{document['track_id']}, generated {document['made_at']} for {document['organization']} by the engine "
        f"{document['engine']} {document['engine_version']}; {use}{attribution} "
        f"({licence['licence_class']}, {licence['licence_version']})"
    )


def _verify_on_server(server: str, file: Path, sha256: str, track_id: str | None) -> NoReturn:
    body = {"sha256": sha256, **({"track_id": track_id} if track_id else {})}
    try:
        response = httpx.post(f"{server.rstrip('/')}/v1/music/verify", json=body, timeout=30)
        result = response.raise_for_status().json()
        verdict, message = str(result["verdict"]), str(result["message"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        console.fail(f"{server} did not return a verification result ({type(error).__name__}).")
    _finish({"matched": GENUINE, "altered": ALTERED}.get(verdict, UNKNOWN), f"{file}: {verdict}. {message}")


def _load_keys(source: str | None, settings: Settings) -> PublicKeys:
    try:
        if source is not None:
            return signatures.parse_jwks(_parse(_fetch(source), source))
        # if there is no data folder, no key is created
        is_installed = settings.receipts.key is not None or (settings.data_dir / "secrets").is_dir()
        return signatures.parse_jwks(keyring.load_receipt_signer(settings).to_jwks()) if is_installed else {}
    except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
        console.fail(f"The public keys of {source or 'this installation'} cannot be read ({error}).")


def _fetch(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        return httpx.get(source, timeout=30, follow_redirects=True).raise_for_status().content
    with Path(source).open("rb") as file:
        return file.read(_MAX_JSON_BYTES + 1)


def _parse(content: bytes, source: str) -> Mapping[str, Any]:
    try:
        document = orjson.loads(content) if len(content) <= _MAX_JSON_BYTES else None
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        console.fail(f"{source} is not a JSON object.")
    return document


def _finish(status: int, message: str) -> NoReturn:
    out.print(message, markup=False)
    raise typer.Exit(status)
