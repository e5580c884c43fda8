"""Keys of blobs: the SHA-256 of the content and a suffix for the media type."""

import hashlib
import re
from pathlib import Path
from typing import Final

from storage.blobs.port import BlobNotFound

MEDIA_TYPES: Final = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".mid": "audio/midi",
    ".mxl": "application/vnd.recordare.musicxml",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".zip": "application/zip",
}

_KEY: Final = re.compile(r"sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})((?:\.[a-z0-9]{1,8})?)", re.ASCII)


def key_of(digest: str, suffix: str) -> str:
    """Return the key of content with this SHA-256 in hex."""
    return f"sha256/{digest[:2]}/{digest}{suffix}"


def key_of_file(source: Path, suffix: str) -> str:
    """Return the key of a file, which is read in blocks."""
    with source.open("rb") as file:
        return key_of(hashlib.file_digest(file, "sha256").hexdigest(), suffix)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def validate(text: str) -> str:
    """Return the text. Raises BlobNotFound if it is not a key."""
    return _match(text)[0]


def digest(key: str) -> str:
    """Return the SHA-256 in a key. Raises BlobNotFound if the text is not a key."""
    return _match(key)[2]


def suffix(key: str) -> str:
    """Return the suffix in a key, which may be empty. Raises BlobNotFound if the text is not a key."""
    return _match(key)[3]


def media_type(key: str) -> str:
    """Return the media type for the suffix of a key. Raises BlobNotFound if the text is not a key."""
    return MEDIA_TYPES.get(suffix(key), "application/octet-stream")


def _match(key: str) -> re.Match[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise BlobNotFound(key)
    return match
