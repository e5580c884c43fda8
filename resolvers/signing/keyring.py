"""Key files in the data folder, readable by their owner only, and the receipt keys among them."""

import hashlib
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.settings import Settings
from resolvers.signing.signatures import Signer, decode_base64url, encode_base64url, thumbprint
from storage.redis.key_registry import KeyUse

_URL_KEY: Final = "signing.key"
"""One key in each line; the first signs."""
_KEY: Final = "receipt.key"
_RETIRED: Final = "retired-receipt-keys"


def load_url_keys(settings: Settings) -> tuple[bytes, ...]:
    """Load the keys of signed URLs: the first signs, all verify.

    They are those of the settings, or those in the data folder, where the first call creates one.
    """
    if settings.signing_keys:
        return tuple(key.encode() for key in settings.signing_keys)
    return tuple(create_once(settings.data_dir / "secrets" / _URL_KEY, new_url_key().encode()).split())


def new_url_key() -> str:
    """Return a new key of signed URLs."""
    return secrets.token_hex(32)


def rotate_url_key(settings: Settings, keep: int) -> tuple[bytes, ...]:
    """Put a new key before those in the data folder and keep some of them. Servers use them after a restart.

    Raises ValueError if the settings contain the keys.
    """
    if settings.signing_keys:
        raise ValueError("The keys are set by MUSIC_STUDIO_SIGNING_KEYS: change them there")
    kept = load_url_keys(settings)[:keep]
    _replace(settings.data_dir / "secrets" / _URL_KEY, b"\n".join([new_url_key().encode(), *kept, b""]))
    return load_url_keys(settings)


def key_id(key: bytes) -> str:
    """Return a text that identifies a secret key and does not disclose it."""
    return hashlib.sha256(b"key id\0" + key).hexdigest()[:16]


def key_use(settings: Settings, *, signs_urls: bool) -> KeyUse:
    """Return the keys of a server, or of a worker, which signs no URLs. Raises ValueError for an invalid key."""
    signer = load_receipt_signer(settings)
    return KeyUse(
        f"{socket.gethostname()}:{settings.data_dir.absolute()}",
        tuple(map(key_id, load_url_keys(settings))) if signs_urls else (),
        tuple(map(thumbprint, (signer.public_key, *signer.retired_keys))),
    )


def load_receipt_signer(settings: Settings) -> Signer:
    """Load the signer of receipts with the key of the settings, or one that is created once in the data folder.

    Raises ValueError for an invalid key.
    """
    retired = tuple(map(decode_base64url, settings.receipts.retired_keys))
    if settings.receipts.key is not None:
        return Signer.from_private_key(decode_base64url(settings.receipts.key), retired)
    folder = settings.data_dir / "secrets"
    text = create_once(folder / _KEY, f"{encode_base64url(secrets.token_bytes(32))}\n".encode()).decode()
    return Signer.from_private_key(decode_base64url(text.strip()), (*retired, *_read_retired_keys(folder)))


def rotate_receipt_key(settings: Settings) -> Signer:
    """Replace the key in the data folder; servers use the new key after a restart and publish the old public key.

    Raises ValueError if the settings contain the key.
    """
    if settings.receipts.key is not None:
        raise ValueError("The key is set by MUSIC_STUDIO_RECEIPTS__KEY: change it there")
    old, folder = load_receipt_signer(settings), settings.data_dir / "secrets"
    # the old key is retired before it is replaced, so that a crash in between does not lose it
    lines = [encode_base64url(public) for public in dict.fromkeys([old.public_key, *_read_retired_keys(folder)])]
    _replace(folder / _RETIRED, "\n".join([*lines, ""]).encode())
    _replace(folder / _KEY, f"{encode_base64url(secrets.token_bytes(32))}\n".encode())
    return load_receipt_signer(settings)


def create_once(path: Path, content: bytes) -> bytes:
    """Create the file unless it exists, and return its content. Of concurrent processes, one creates it."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = _write_temporary(path, content)
    with suppress(FileExistsError):
        path.hardlink_to(temporary)
    temporary.unlink()
    return path.read_bytes()


def _read_retired_keys(folder: Path) -> tuple[bytes, ...]:
    with suppress(FileNotFoundError):
        return tuple(map(decode_base64url, (folder / _RETIRED).read_text(encoding="ascii").split()))
    return ()


def _replace(path: Path, content: bytes) -> None:
    _write_temporary(path, content).replace(path)


def _write_temporary(path: Path, content: bytes) -> Path:
    """Write and sync a temporary file in the same folder."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary
