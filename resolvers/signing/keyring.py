"""Keys in the data folder, made once and readable by their owner only; and those that sign receipts."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.settings import Settings
from resolvers.signing.signatures import Signer, decode_base64url, encode_base64url

_KEY: Final = "receipt.key"
_RETIRED: Final = "retired-receipt-keys"


def load_receipt_signer(settings: Settings) -> Signer:
    """Who signs receipts: by the settings, or by a key that is made once in the data folder. Raises ValueError."""
    told = tuple(map(decode_base64url, settings.receipts.retired_keys))
    if settings.receipts.key is not None:
        return Signer.from_private_key(decode_base64url(settings.receipts.key), told)
    folder = settings.data_dir / "secrets"
    text = create_once(folder / _KEY, f"{encode_base64url(secrets.token_bytes(32))}\n".encode()).decode()
    return Signer.from_private_key(decode_base64url(text.strip()), (*told, *_retired(folder)))


def rotate_receipt_key(settings: Settings) -> Signer:
    """Sign with a new key in the data folder from the next start on; the old one's public half stays published.

    Raises ValueError when the key is not in the data folder.
    """
    if settings.receipts.key is not None:
        raise ValueError("The key stands in MUSIC_STUDIO_RECEIPTS__KEY, not in the data folder")
    before, folder = load_receipt_signer(settings), settings.data_dir / "secrets"
    # first what must not be lost: should we end between the two, a key that still signs is also among the retired
    lines = [encode_base64url(public) for public in dict.fromkeys([before.public_key, *_retired(folder)])]
    _replace(folder / _RETIRED, "\n".join([*lines, ""]).encode())
    _replace(folder / _KEY, f"{encode_base64url(secrets.token_bytes(32))}\n".encode())
    return load_receipt_signer(settings)


def create_once(path: Path, content: bytes) -> bytes:
    """Create the file unless another process was first; what it holds then."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _drafted(path, content)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return path.read_bytes()


def _retired(folder: Path) -> tuple[bytes, ...]:
    with suppress(FileNotFoundError):
        return tuple(map(decode_base64url, (folder / _RETIRED).read_text(encoding="ascii").split()))
    return ()


def _replace(path: Path, content: bytes) -> None:
    _drafted(path, content).replace(path)


def _drafted(path: Path, content: bytes) -> Path:
    """The content in a file beside it, on the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
