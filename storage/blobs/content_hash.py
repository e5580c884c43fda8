"""What a blob is called: the hash of its content and a suffix that tells its kind."""

import hashlib
import re
from pathlib import Path
from typing import Final

from storage.blobs.port import BlobNotFound

MEDIA_TYPES: Final = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".mid": "audio/midi",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".zip": "application/zip",
}

_KEY: Final = re.compile(r"sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})((?:\.[a-z0-9]{1,8})?)", re.ASCII)


def key_of(digest: str, suffix: str) -> str:
    """The key of content with this SHA-256 in hex."""
    return f"sha256/{digest[:2]}/{digest}{suffix}"


def key_of_file(source: Path, suffix: str) -> str:
    """The key of a file's content; reads it in blocks."""
    with source.open("rb") as file:
        return key_of(hashlib.file_digest(file, "sha256").hexdigest(), suffix)


def is_key(text: str) -> bool:
    """Whether a text is a key; nothing else is ever looked up."""
    return _KEY.fullmatch(text) is not None


def validate(text: str) -> str:
    """The text itself. Raises BlobNotFound for what is no key."""
    if not is_key(text):
        raise BlobNotFound(text)
    return text


def digest(key: str) -> str:
    """The SHA-256 in a key. Raises BlobNotFound for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise BlobNotFound(key)
    return found[2]


def suffix(key: str) -> str:
    """The suffix in a key, maybe none. Raises BlobNotFound for what is no key."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise BlobNotFound(key)
    return found[3]


def media_type(key: str) -> str:
    """What a browser is told that a blob is."""
    return MEDIA_TYPES.get(suffix(key), "application/octet-stream")
