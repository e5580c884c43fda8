"""``studio verify``: whether a file is what a receipt says, checked here, without asking anybody."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
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
from server.cli.console import DataDir, Folder, out

ALTERED: Final = 3
UNKNOWN: Final = 4
FORGED: Final = 5

_BLOCK: Final = 1 << 20
_MOST_BYTES: Final = 8 << 20
"""No receipt and no set of keys is as large."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file by its hash, and the track that it names."""

    sha256: str
    track_id: str | None


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file.")],
    receipt: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Its receipt; if left out, FILE.receipt.json or receipt.json."),
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(
            help="Public keys of who signed it: a file or an https address; if left out, this installation's."
        ),
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="Ask this installation instead, by the file's hash: needs no receipt.")
    ] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Tell whether a file is genuine. Status 0: it is; 3: altered; 4: unknown; 5: the receipt is not genuine."""
    seen = _look(file)
    if server is not None:
        _ask(server, file, seen)
    found = receipt or _beside(file)
    if found is None:
        says = f"says that it is of {seen.track_id}" if seen.track_id else "names no track of a Music Studio"
        _end(UNKNOWN, f"{file} {says}, and there is no receipt to check it by: give one with --receipt.")
    document = _read(found.read_bytes()[: _MOST_BYTES + 1], str(found))
    _check_signature(document, found, _keys(keys, console.load_settings(data_dir=data_dir)))
    _compare(file, seen, document)


def _look(file: Path) -> _Seen:
    digest, marks = hashlib.sha256(), TrackTagScanner()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
            marks.feed(block)
    return _Seen(digest.hexdigest(), marks.track_id())


def _beside(file: Path) -> Path | None:
    candidates = (file.with_name(f"{file.name}.receipt.json"), file.with_name("receipt.json"))
    return next((path for path in candidates if path.is_file()), None)


def _check_signature(document: Mapping[str, Any], source: Path, keys: PublicKeys) -> None:
    if document.get("kind") != KIND:
        _end(FORGED, f"{source} is no receipt of a Music Studio.")
    named = signatures.names_key(document)
    if named not in keys:
        issuer = document.get("issuer")
        _end(
            UNKNOWN,
            f"{source} says that it was signed with the key {named}, which is not among the keys at hand. If you trust "
            f"{issuer}, give --keys {issuer}/.well-known/music-studio-keys.json.",
        )
    if not signatures.is_genuine(document, keys):
        _end(FORGED, f"{source} is not genuine: its signature does not fit what it says.")


def _compare(file: Path, seen: _Seen, document: Mapping[str, Any]) -> None:
    for entry in document["files"]:
        if entry["sha256"] == seen.sha256:
            what = f"{entry['role']} {entry['name']}".strip()
            _end(0, f"{file} is genuine: the {what} of {_origin(document)}.")
    if seen.track_id == document["track_id"]:
        _end(ALTERED, f"{file} is altered: it names {seen.track_id}, but its bytes are none of those of the receipt.")
    _end(UNKNOWN, f"{file} is none of the files that the receipt of {document['track_id']} tells of.")


def _origin(document: Mapping[str, Any]) -> str:
    licence = document["licence"]
    use = "may be used commercially" if licence["commercial_use"] else "may not be used commercially"
    named = ", naming its source" if licence["requires_attribution"] else ""
    return (
        f"{document['track_id']}, made {document['made_at']} for {document['organization']} by the engine "
        f"{document['engine']} {document['engine_version']}; it {use}{named} "
        f"({licence['licence_class']}, {licence['licence_version']})"
    )


def _ask(server: str, file: Path, seen: _Seen) -> NoReturn:
    body = {"sha256": seen.sha256, **({"track_id": seen.track_id} if seen.track_id else {})}
    try:
        answer = httpx.post(f"{server.rstrip('/')}/v1/music/verify", json=body, timeout=30)
        told = answer.raise_for_status().json()
        verdict, message = str(told["verdict"]), str(told["message"])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        console.fail(f"{server} does not answer what it should ({type(error).__name__}).")
    _end({"matched": 0, "altered": ALTERED}.get(verdict, UNKNOWN), f"{file}: {verdict}. {message}")


def _keys(place: str | None, chosen: Settings) -> PublicKeys:
    try:
        if place is None:
            return signatures.read_keys(_own(chosen))
        return signatures.read_keys(_read(_fetched(place), place))
    except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
        console.fail(f"The keys of {place or 'this installation'} cannot be read ({error}).")


def _own(chosen: Settings) -> Mapping[str, Any]:
    """What this installation publishes; no key is made for the question."""
    is_installed = chosen.receipts.key is not None or (chosen.data_dir / "secrets").is_dir()
    return keyring.receipt_signer(chosen).published() if is_installed else {"keys": []}


def _fetched(place: str) -> bytes:
    if place.startswith(("http://", "https://")):
        return httpx.get(place, timeout=30, follow_redirects=True).raise_for_status().content
    with Path(place).open("rb") as file:
        return file.read(_MOST_BYTES + 1)


def _read(content: bytes, place: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(content) if len(content) <= _MOST_BYTES else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        console.fail(f"{place} is not the JSON that was expected.")
    return found


def _end(status: int, sentence: str) -> NoReturn:
    out.print(sentence, markup=False)
    raise typer.Exit(status)
